import type { Lease } from "../lease.ts";
import { numberAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

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

/** Takes, renews or refuses, in the caller's transaction. Rows stay, because fences must go on growing. */
export function acquireLease(
  connection: Connection,
  { key, holder, ttlMs, instance, now }: LeaseRequest,
  isAlive: (instance: string) => boolean,
): LeaseAnswer {
  const row = connection
    .statement("SELECT holder, fence, expires_at, instance FROM skein_lease WHERE name = ?")
    .row(key);
  const present = row && {
    key,
    holder: textAt(row, 0),
    fence: numberAt(row, 1),
    expiresAt: numberAt(row, 2),
  };
  const isTaken = row !== undefined && numberAt(row, 2) > now && isAlive(textAt(row, 3));
  if (present !== undefined && isTaken && present.holder !== holder)
    return { isMine: false, lease: present };
  const last = present?.fence ?? 0;
  const lease = { key, holder, fence: isTaken ? last : last + 1, expiresAt: now + ttlMs };
  connection
    .statement(
      `INSERT OR REPLACE INTO skein_lease (name, holder, fence, expires_at, instance)
       VALUES (?, ?, ?, ?, ?)`,
    )
    .run(key, holder, lease.fence, lease.expiresAt, instance);
  return { isMine: true, lease };
}

export function releaseLease(connection: Connection, { key, holder, fence }: Lease): void {
  connection
    .statement("UPDATE skein_lease SET expires_at = 0 WHERE name = ? AND holder = ? AND fence = ?")
    .run(key, holder, fence);
}
