import { SkeinError, isSkeinError } from "../../../model/error.ts";
import type { ErrorCode } from "../../../model/error-codes.ts";
import type { Trouble, TroubleKind } from "./server-driver.ts";
import { isUnsent } from "./unsent.ts";

/** What an error of a server means, said in the same words for every server. */
export interface Meaning {
  readonly kind: TroubleKind;
  readonly code: ErrorCode;
  /** Behind the name of the server. */
  readonly says: string;
}

export const passing = (code: ErrorCode, says: string): Meaning => ({
  kind: "passing",
  code,
  says,
});
export const final = (code: ErrorCode, says: string): Meaning => ({ kind: "final", code, says });
export const lost = (says: string): Meaning => ({ kind: "lost", code: "store_unavailable", says });

export const REFUSED: Meaning = final(
  "invalid_request",
  "refuses the user or the password. Check them in the address of the store.",
);
export const NO_TLS: Meaning = final(
  "invalid_request",
  "does not make an encrypted connection as the address asks. Correct the address, or the server's certificate.",
);
export const NO_DATABASE: Meaning = final(
  "invalid_request",
  "has no such database. Create it, or correct the address.",
);
export const NOT_ALLOWED: Meaning = final(
  "invalid_request",
  "does not let this user make or write tables. Grant it the right, or use another user.",
);
export const READ_ONLY: Meaning = passing(
  "store_unavailable",
  "takes no writes: it is read-only or a replica. Connect to the primary.",
);
export const NO_CONNECTION: Meaning = passing(
  "store_unavailable",
  "has no connection left. Raise max_connections, or lower ?connections=.",
);
export const CONFLICT: Meaning = {
  kind: "conflict",
  code: "store_busy",
  says: "is busy with the same keys. Try again.",
};
export const CONTENTION: Meaning = passing("store_busy", "is busy with the same rows. Try again.");
export const FULL: Meaning = final(
  "store_full",
  "has no room on its disk. Nothing of the call was written.",
);
export const STOPPING: Meaning = lost("is stopping. Try again.");
export const NOT_OURS: Meaning = final(
  "store_corrupt",
  "has tables that are not as Skein made them. Restore a backup, or use another database.",
);

/** The error for people, without credentials.
 *  @param where  the server by host, port and database
 *  @param meaning  `undefined` for what nobody expected, which stays as it is */
export function explain(error: unknown, where: string, meaning: Meaning | undefined): Trouble {
  if (isSkeinError(error) || meaning === undefined) return { error, kind: "final" };
  const { code, says } = meaning;
  const kind = meaning.kind === "lost" && isUnsent(error) ? "passing" : meaning.kind;
  return {
    kind,
    error: new SkeinError(code, `${where} ${says}`, {
      ...(code === "invalid_request" && { field: "store" }),
      ...(kind !== "final" && { retryAfterMs: 1_000 }),
    }),
  };
}

/** Whether the client did not trust the server's certificate. */
export function isDistrust(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/u.test(code);
}

/** A server that cannot be reached, with the word of the system for it. */
export function unreachable(error: unknown): Meaning {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = /^E[A-Z_]+$/u.test(code) ? ` (${code})` : "";
  return lost(`does not answer${why}. Start it, or correct the address of the store.`);
}
