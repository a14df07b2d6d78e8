import type { Lease } from "../lease.ts";
import { numberAt, textAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { change, row } from "./plan.ts";
import type { Plan } from "./plan.ts";

export interface LeaseRequest {
  readonly key: string;
  readonly holder: string;
  readonly ttlMs: number;
  /** The open store that asks. */
  readonly instance: string;
  readonly now: number;
}

export interface LeaseAnswer {
  readonly isMine: boolean;
  readonly lease: Lease;
}

const LEASES: Target = {
  table: "skein_lease",
  columns: ["name", "holder", "fence", "expires_at", "instance"],
  key: ["name"],
  replaces: [],
};

/** Takes, renews or refuses, in the caller's transaction. Rows stay, because fences must go on growing. */
export function* acquireLease(
  dialect: Dialect,
  { key, holder, ttlMs, instance, now }: LeaseRequest,
  isAlive: (instance: string) => boolean,
): Plan<LeaseAnswer> {
  let found = yield* findLease(dialect, key);
  if (found === undefined) {
    // A row that is over, so that of several who come first all but one wait.
    yield* insertRows(dialect, LEASES, [[key, holder, 0, 0, instance]]);
    found = yield* findLease(dialect, key);
  }
  const present = found && {
    key,
    holder: textAt(found, 0),
    fence: numberAt(found, 1),
    expiresAt: numberAt(found, 2),
  };
  const isTaken = found !== undefined && numberAt(found, 2) > now && isAlive(textAt(found, 3));
  if (present !== undefined && isTaken && present.holder !== holder)
    return { isMine: false, lease: present };
  const last = present?.fence ?? 0;
  const lease = {
    key,
    holder,
    fence: isTaken ? last : last + 1,
    expiresAt: Math.ceil(now + ttlMs),
  };
  yield* change(
    "UPDATE skein_lease SET holder = ?, fence = ?, expires_at = ?, instance = ? WHERE name = ?",
    holder,
    lease.fence,
    lease.expiresAt,
    instance,
    key,
  );
  return { isMine: true, lease };
}

function findLease(dialect: Dialect, key: string): Plan<Row | undefined> {
  return row(
    `SELECT holder, fence, expires_at, instance FROM skein_lease WHERE name = ? ${dialect.forUpdate}`,
    key,
  );
}

export function* releaseLease({ key, holder, fence }: Lease): Plan<void> {
  yield* change(
    "UPDATE skein_lease SET expires_at = 0 WHERE name = ? AND holder = ? AND fence = ?",
    key,
    holder,
    fence,
  );
}
