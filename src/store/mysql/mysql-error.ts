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
  passing,
  unreachable,
} from "../sql/server/meaning.ts";
import type { Meaning } from "../sql/server/meaning.ts";
import type { Trouble } from "../sql/server/server-driver.ts";

/** A statement longer than `max_allowed_packet`. */
export const TOO_LONG = 1153;

/** By the number of the server's error. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  1062: CONFLICT,
  1205: CONTENTION,
  1213: CONTENTION,
  1045: REFUSED,
  1698: REFUSED,
  1044: NOT_ALLOWED,
  1142: NOT_ALLOWED,
  1227: NOT_ALLOWED,
  1049: NO_DATABASE,
  1040: NO_CONNECTION,
  1203: passing("store_unavailable", "has no connection left for this user. Try again."),
  1290: READ_ONLY,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1021: FULL,
  1030: FULL,
  1114: FULL,
  [TOO_LONG]: final(
    "limit_exceeded",
    "does not take values of this size. Raise max_allowed_packet.",
  ),
  1053: STOPPING,
  1927: STOPPING,
  1146: NOT_OURS,
  1054: NOT_OURS,
};

/** @param where  the server by host, port and database, never with credentials */
export function troubleOf(error: unknown, where: string): Trouble {
  const known = MEANINGS[numberOf(error) ?? 0] ?? (isWithoutTls(error) ? NO_TLS : undefined);
  return explain(error, where, known ?? (isLost(error) ? unreachable(error) : undefined));
}

function isWithoutTls(error: unknown): boolean {
  if (isDistrust(error)) return true;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "HANDSHAKE_NO_SSL_SUPPORT" || code === "HANDSHAKE_SSL_ERROR";
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
