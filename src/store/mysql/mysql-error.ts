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
const CONTENTION = passing("store_busy", "is busy with the same rows. Try again.");
const FULL = final("store_full", "has no room on its disk. Nothing of the call was written.");
const STOPPING = lost("is stopping. Try again.");
const NOT_OURS = final(
  "store_corrupt",
  "has tables that are not as Skein made them. Restore a backup, or use another database.",
);

/** By the number of the server's error. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  1062: { kind: "conflict", code: "store_busy", says: "is busy with the same keys. Try again." },
  1205: CONTENTION,
  1213: CONTENTION,
  1045: REFUSED,
  1698: REFUSED,
  1044: NOT_ALLOWED,
  1142: NOT_ALLOWED,
  1227: NOT_ALLOWED,
  1049: final("invalid_request", "has no such database. Create it, or correct the address."),
  1040: passing(
    "store_unavailable",
    "has no connection left. Raise max_connections, or lower ?connections=.",
  ),
  1203: passing("store_unavailable", "has no connection left for this user. Try again."),
  1290: READ_ONLY,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1021: FULL,
  1030: FULL,
  1114: FULL,
  1153: final("limit_exceeded", "does not take values of this size. Raise max_allowed_packet."),
  1053: STOPPING,
  1927: STOPPING,
  1146: NOT_OURS,
  1054: NOT_OURS,
};

/** @param where  the server by host, port and database, never with credentials */
export function troubleOf(error: unknown, where: string): Trouble {
  if (isSkeinError(error)) return { error, kind: "final" };
  const meaning =
    MEANINGS[numberOf(error) ?? 0] ?? (isLost(error) ? unreachable(error) : undefined);
  if (meaning === undefined) return { error, kind: "final" };
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

/** Whether the connection is of no use any more. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("fatal" in error && error.fatal === true) return true;
  return "syscall" in error || /closed state|connection lost|timeout/iu.test(error.message);
}

export function numberOf(error: unknown): number | undefined {
  return error instanceof Error && "errno" in error && typeof error.errno === "number"
    ? error.errno
    : undefined;
}

function unreachable(error: unknown): Meaning {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = /^E[A-Z_]+$/u.test(code) ? ` (${code})` : "";
  return lost(`does not answer${why}. Start it, or correct the address of the store.`);
}
