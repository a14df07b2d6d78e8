import { isProcessGone, ownProcess } from "../../own-process.ts";
import { ALIVE_MS } from "../../pulse.ts";
import { numberAt, textAt } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { acquireLease } from "../leases.ts";
import type { LeaseAnswer } from "../leases.ts";
import { change, row } from "../plan.ts";
import type { Plan } from "../plan.ts";

export const BEAT_MS = 5_000;
const FORGOTTEN_AFTER_MS = 86_400_000;

const PREFIX = "instance:";
const nameOf = (instance: string): string => `${PREFIX}${instance}`;

/** Takes or renews a lease on the server's clock. */
export function* takeLease(
  dialect: Dialect,
  clock: string,
  key: string,
  holder: string,
  ttlMs: number,
  instance: string,
): Plan<LeaseAnswer> {
  const found = yield* row(
    `SELECT ${clock}, l.instance, i.holder FROM (SELECT 1 AS one) o
       LEFT JOIN skein_lease l ON l.name = ?
       LEFT JOIN skein_lease i ON i.name = concat('${PREFIX}', l.instance) AND i.expires_at > ${clock}`,
    key,
  );
  const now = numberAt(found ?? [], 0);
  const isHolderAlive = found?.[2] != null && !isProcessGone(textAt(found, 2));
  const living = new Set([instance, isHolderAlive ? found[1] : undefined]);
  return yield* acquireLease(dialect, { key, holder, ttlMs, instance, now }, (id) =>
    living.has(id),
  );
}

/** A sign of life. Answers the server's time. */
export function* beat(dialect: Dialect, clock: string, instance: string): Plan<number> {
  const holder = ownProcess() ?? instance;
  const name = nameOf(instance);
  const { lease } = yield* takeLease(dialect, clock, name, holder, ALIVE_MS, instance);
  return lease.expiresAt - ALIVE_MS;
}

/** Takes back every sign of life, and those that others left long ago. */
export function* leave(clock: string, instance: string): Plan<void> {
  yield* change(
    `DELETE FROM skein_lease
     WHERE name = ? OR (name LIKE '${PREFIX}%' AND expires_at < ${clock} - ${FORGOTTEN_AFTER_MS})`,
    nameOf(instance),
  );
}

/** A process that is dead on this machine needs no time to be known as such. */
export function* isAlive(clock: string, instance: string): Plan<boolean> {
  const found = yield* row(
    `SELECT holder FROM skein_lease WHERE name = ? AND expires_at > ${clock}`,
    nameOf(instance),
  );
  return found !== undefined && !isProcessGone(textAt(found, 0));
}
