import { ERROR_CODES } from "../../model/error-codes.ts";
import type { ErrorCode } from "../../model/error-codes.ts";
import { isSkeinError } from "../../model/error.ts";
import type { SkeinError } from "../../model/error.ts";
import type { WireError } from "../../protocol/error.ts";
import type { Reply } from "../reply.ts";
import { STATUS } from "./status.ts";

/** Called with what is our fault, so that it can be logged. The client learns only that something failed. */
export type OnFault = (error: unknown) => void;

/** Errors whose message is for who runs the server: it may name files, or quote what was not foreseen. */
const PRIVATE: ReadonlySet<ErrorCode> = new Set([
  "internal",
  "store_busy",
  "store_unavailable",
  "store_full",
  "store_corrupt",
  "schema_too_new",
]);

/** The answer to an error. What is the server's own trouble is told to `onFault` and answered by its code's meaning alone, without
 *  its message; so is everything that is not a SkeinError, as `internal`. */
export function errorReply(
  error: unknown,
  onFault: OnFault,
  headers: Readonly<Record<string, string>> = {},
  status?: number,
): Reply {
  const known = isSkeinError(error) ? error : undefined;
  const code = known?.code ?? "internal";
  const isPrivate = PRIVATE.has(code);
  if (isPrivate || STATUS[code] === 500) onFault(error);
  const body: WireError = {
    error:
      known === undefined || isPrivate
        ? { code, message: ERROR_CODES[code] }
        : {
            code,
            message: known.message,
            ...(known.field !== undefined && { field: known.field }),
            ...(known.details !== undefined && { details: known.details }),
          },
  };
  return {
    body: JSON.stringify(body),
    status: status ?? STATUS[code],
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...(code === "unauthorized" && { "www-authenticate": "Bearer" }),
      ...retryAfter(known, STATUS[code]),
      ...headers,
    },
  };
}

function retryAfter(
  error: SkeinError | undefined,
  status: number,
): Readonly<Record<string, string>> {
  if (status !== 503 && error?.retryAfterMs === undefined) return {};
  return { "retry-after": String(Math.max(1, Math.ceil((error?.retryAfterMs ?? 1_000) / 1_000))) };
}
