import type { Lease } from "../lease.ts";
import type { MemoryData } from "./memory-data.ts";

export function acquireLease(
  { leases }: MemoryData,
  key: string,
  holder: string,
  ttlMs: number,
): { readonly isMine: boolean; readonly lease: Lease } {
  const now = Date.now();
  const present = leases.get(key);
  const isTaken = present !== undefined && present.expiresAt > now;
  if (isTaken && present.holder !== holder) return { isMine: false, lease: present };
  const fence = isTaken ? present.fence : (present?.fence ?? 0) + 1;
  const lease: Lease = Object.freeze({ key, holder, fence, expiresAt: Math.ceil(now + ttlMs) });
  leases.set(key, lease);
  return { isMine: true, lease };
}

export function releaseLease({ leases }: MemoryData, { key, holder, fence }: Lease): void {
  const present = leases.get(key);
  if (present?.holder === holder && present.fence === fence)
    leases.set(key, Object.freeze({ ...present, expiresAt: 0 }));
}
