import {
  CONFLICT,
  CONTENTION,
  FULL,
  NO_CONNECTION,
  NO_DATABASE,
  NO_TLS,
  NOT_ALLOWED,
  NOT_OURS,
  READ_ONLY,
  REFUSED,
  STOPPING,
  explain,
  final,
  isDistrust,
  lost,
  passing,
  unreachable,
} from "../sql/server/meaning.ts";
import type { Meaning } from "../sql/server/meaning.ts";
import type { Trouble } from "../sql/server/server-driver.ts";

/** By SQLSTATE. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "23505": CONFLICT,
  "40001": CONTENTION,
  "40P01": CONTENTION,
  "55P03": CONTENTION,
  "57014": CONTENTION,
  "28000": REFUSED,
  "28P01": REFUSED,
  "3D000": NO_DATABASE,
  "3F000": final("invalid_request", "has no schema to make tables in. Create it, or grant it."),
  "42501": NOT_ALLOWED,
  "25006": READ_ONLY,
  "42P01": NOT_OURS,
  "42703": NOT_OURS,
  "53100": FULL,
  "53200": passing("store_unavailable", "is out of memory. Try again."),
  "53300": NO_CONNECTION,
  "57P01": STOPPING,
  "57P02": lost("has crashed and is starting again. Try again."),
  "57P03": passing("store_unavailable", "is starting or stopping. Try again."),
  "57P05": lost("has closed an idle connection. Try again."),
};

/** @param where  the server by host, port and database, never with credentials */
export function troubleOf(error: unknown, where: string): Trouble {
  const known = MEANINGS[stateOf(error) ?? ""] ?? ofDriver(error);
  return explain(error, where, known ?? (isLost(error) ? unreachable(error) : undefined));
}

/** What the driver finds out by itself, of which it has words only. */
function ofDriver(error: unknown): Meaning | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isDistrust(error) || /\bSSL connection/u.test(error.message)) return NO_TLS;
  // The server asks for a password, and the address has none.
  return error.message.startsWith("SASL") ? REFUSED : undefined;
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

function stateOf(error: unknown): string | undefined {
  return error instanceof Error && "severity" in error && "code" in error
    ? String(error.code)
    : undefined;
}
