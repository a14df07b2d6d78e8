import { isSkeinError } from "../../model/error.ts";
import type { SkeinError } from "../../model/error.ts";
import type { WireError } from "../../protocol/error.ts";
import type { Reply } from "../reply.ts";
import { STATUS } from "./status.ts";

/** Called with what is our fault, so that it can be logged. The client learns only that something failed. */
export type OnFault = (error: unknown) => void;

/** The answer to an error. What is not a SkeinError is told to `onFault` and answered as `internal`, without its message. */
export function errorReply(
  error: unknown,
  onFault: OnFault,
  headers: Readonly<Record<string, string>> = {},
  status?: number,
): Reply {
  const known = isSkeinError(error) ? error : undefined;
  if (known === undefined || STATUS[known.code] === 500) onFault(error);
  const body: WireError = {
    error:
      known === undefined
        ? { code: "internal", message: "A fault in Skein. The server's log has the details." }
        : {
            code: known.code,
            message: known.message,
            ...(known.field !== undefined && { field: known.field }),
            ...(known.details !== undefined && { details: known.details }),
          },
  };
  const code = known?.code ?? "internal";
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
