import { ALIVE_MS } from "../../pulse.ts";
import { numberAt } from "../cell.ts";
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
    `SELECT ${clock}, (SELECT l.instance FROM skein_lease l
         JOIN skein_lease i ON i.name = concat('${PREFIX}', l.instance)
       WHERE l.name = ? AND i.expires_at > ${clock})`,
    key,
  );
  const now = numberAt(found ?? [], 0);
  const living = new Set([instance, found?.[1]]);
  return yield* acquireLease(dialect, { key, holder, ttlMs, instance, now }, (id) =>
    living.has(id),
  );
}

/** A sign of life. Answers the server's time. */
export function* beat(dialect: Dialect, clock: string, instance: string): Plan<number> {
  const { lease } = yield* takeLease(
    dialect,
    clock,
    nameOf(instance),
    instance,
    ALIVE_MS,
    instance,
  );
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

export function* isAlive(clock: string, instance: string): Plan<boolean> {
  const found = yield* row(
    `SELECT 1 FROM skein_lease WHERE name = ? AND expires_at > ${clock}`,
    nameOf(instance),
  );
  return found !== undefined;
}
