import { SkeinError, isSkeinError } from "../../model/error.ts";
import type { ErrorCode } from "../../model/error-codes.ts";
import type { Trouble, TroubleKind } from "../sql/server/server-driver.ts";
import { isUnsent } from "../sql/server/unsent.ts";

interface Meaning {
  readonly kind: TroubleKind;
  readonly code: ErrorCode;
  /** Behind the name of the server. */
  readonly says: string;
}

const passing = (code: ErrorCode, says: string): Meaning => ({ kind: "passing", code, says });
const final = (code: ErrorCode, says: string): Meaning => ({ kind: "final", code, says });
const lost = (says: string): Meaning => ({ kind: "lost", code: "store_unavailable", says });

const REFUSED = final(
  "invalid_request",
  "refuses the user or the password. Check them in the address of the store.",
);
const NOT_ALLOWED = final(
  "invalid_request",
  "does not let this user make or write tables. Grant it the right, or use another user.",
);
const READ_ONLY = passing(
  "store_unavailable",
  "takes no writes: it is read-only or a replica. Connect to the primary.",
);
const STARTING = passing("store_unavailable", "is starting or stopping. Try again.");
const CONTENTION = passing("store_busy", "is busy with the same rows. Try again.");
const NOT_OURS = final(
  "store_corrupt",
  "has tables that are not as Skein made them. Restore a backup, or use another database.",
);

/** By SQLSTATE. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "23505": { kind: "conflict", code: "store_busy", says: "is busy with the same keys. Try again." },
  "40001": CONTENTION,
  "40P01": CONTENTION,
  "55P03": CONTENTION,
  "57014": CONTENTION,
  "28000": REFUSED,
  "28P01": REFUSED,
  "3D000": final("invalid_request", "has no such database. Create it, or correct the address."),
  "3F000": final("invalid_request", "has no schema to make tables in. Create it, or grant it."),
  "42501": NOT_ALLOWED,
  "25006": READ_ONLY,
  "42P01": NOT_OURS,
  "42703": NOT_OURS,
  "53100": final("store_full", "has no room on its disk. Nothing of the call was written."),
  "53200": passing("store_unavailable", "is out of memory. Try again."),
  "53300": passing(
    "store_unavailable",
    "has no connection left. Raise max_connections, or lower ?connections=.",
  ),
  "57P01": lost("is stopping. Try again."),
  "57P02": lost("has crashed and is starting again. Try again."),
  "57P03": STARTING,
  "57P05": lost("has closed an idle connection. Try again."),
};

/** @param where  the server by host, port and database, never with credentials */
export function troubleOf(error: unknown, where: string): Trouble {
  if (isSkeinError(error)) return { error, kind: "final" };
  const state = stateOf(error);
  const meaning = MEANINGS[state ?? ""] ?? (isLost(error) ? unreachable(error) : undefined);
  if (meaning === undefined) return { error, kind: "final" };
  const { code, says } = meaning;
  const kind = meaning.kind === "lost" && isUnsent(error) ? "passing" : meaning.kind;
  const isWorthAnotherTry = kind !== "final";
  return {
    kind,
    error: new SkeinError(code, `${where} ${says}`, {
      ...(code === "invalid_request" && { field: "store" }),
      ...(isWorthAnotherTry && { retryAfterMs: 1_000 }),
    }),
  };
}

/** Whether the connection is of no use any more. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("severity" in error) return error.severity === "FATAL" || error.severity === "PANIC";
  // Of the system (`ECONNRESET`), or of the driver, which has words only.
  return (
    ("syscall" in error && "code" in error) ||
    /connect|terminated|timeout|queryable/iu.test(error.message)
  );
}

/** Whether a key was taken by somebody else. */
export function isConflict(error: unknown): boolean {
  return MEANINGS[stateOf(error) ?? ""]?.kind === "conflict";
}

function unreachable(error: unknown): Meaning {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = /^E[A-Z_]+$/u.test(code) ? ` (${code})` : "";
  return lost(`does not answer${why}. Start it, or correct the address of the store.`);
}

function stateOf(error: unknown): string | undefined {
  return error instanceof Error && "severity" in error && "code" in error
    ? String(error.code)
    : undefined;
}
