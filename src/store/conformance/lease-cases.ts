import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease } from "../lease.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";

const LONG_MS = 600_000;

export const LEASE_CASES: readonly ConformanceCase[] = [
  {
    name: "a free lease is taken",
    run: async ({ openStore }) => {
      const store = await openStore();
      const { isMine, lease } = await store.acquireLease("writer:t", "one", LONG_MS);
      assert.equal(isMine, true);
      assert.equal(lease.key, "writer:t");
      assert.equal(lease.holder, "one");
      assert.ok(Number.isInteger(lease.fence) && lease.fence >= 1);
      assert.ok(Number.isFinite(lease.expiresAt));
    },
  },
  {
    name: "a lease may last for a fraction of a millisecond more",
    run: async ({ openStore }) => {
      const store = await openStore();
      const { lease } = await store.acquireLease("k", "one", LONG_MS + 0.5);
      const { isMine } = await store.acquireLease("k", "two", LONG_MS + 0.5);
      assert.equal(isMine, false);
      assert.ok(Number.isInteger(lease.expiresAt));
    },
  },
  {
    name: "a lease that somebody has is refused, and the answer says who has it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const first = await store.acquireLease("k", "one", LONG_MS);
      const second = await store.acquireLease("k", "two", LONG_MS);
      assert.equal(second.isMine, false);
      assert.deepEqual(second.lease, first.lease);
    },
  },
  {
    name: "leases of different keys do not touch one another",
    run: async ({ openStore }) => {
      const store = await openStore();
      await take(store, "a", "one");
      await take(store, "b", "two");
      const { isMine } = await store.acquireLease("a", "two", LONG_MS);
      assert.equal(isMine, false);
    },
  },
  {
    name: "a renewal keeps the fence and moves the end",
    run: async ({ openStore }) => {
      const store = await openStore();
      const first = await take(store, "k", "one");
      const renewed = await take(store, "k", "one", 2 * LONG_MS);
      assert.equal(renewed.fence, first.fence);
      assert.ok(renewed.expiresAt > first.expiresAt);
      const { lease } = await store.acquireLease("k", "two", LONG_MS);
      assert.deepEqual(lease, renewed);
    },
  },
  {
    name: "a released lease is free, and the next holder's fence is larger",
    run: async ({ openStore }) => {
      const store = await openStore();
      const first = await take(store, "k", "one");
      await store.releaseLease(first);
      const second = await take(store, "k", "two");
      assert.ok(second.fence > first.fence);
      await store.releaseLease(second);
      const third = await take(store, "k", "one");
      assert.ok(third.fence > second.fence);
    },
  },
  {
    name: "a release of what is no longer one's own is ignored",
    run: async ({ openStore }) => {
      const store = await openStore();
      const first = await take(store, "k", "one");
      await store.releaseLease(first);
      const second = await take(store, "k", "two");
      await store.releaseLease(first);
      await store.releaseLease({ ...second, holder: "one" });
      await store.releaseLease({ ...second, fence: second.fence - 1 });
      await store.releaseLease({ ...second, key: "nobody's" });
      const third = await store.acquireLease("k", "three", LONG_MS);
      assert.equal(third.isMine, false);
      assert.deepEqual(third.lease, second);
    },
  },
  {
    name: "a lease whose time is over can be taken, with a larger fence",
    run: async ({ openStore }) => {
      const store = await openStore();
      const first = await take(store, "k", "one", 1);
      const second = await takeEventually(store, "k", "two");
      assert.ok(second.fence > first.fence);
      const late = await store.acquireLease("k", "one", LONG_MS);
      assert.equal(late.isMine, false);
      await store.releaseLease(first);
      const other = await store.acquireLease("k", "three", LONG_MS);
      assert.deepEqual(other.lease, second);
    },
  },
  {
    name: "of many who want a lease at once exactly one gets it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const holders = Array.from({ length: 20 }, (_, index) => `holder ${index}`);
      const answers = await Promise.all(
        holders.map((holder) => store.acquireLease("k", holder, LONG_MS)),
      );
      const winners = answers.filter(({ isMine }) => isMine);
      assert.equal(winners.length, 1);
      for (const { lease } of answers) assert.deepEqual(lease, winners[0]?.lease);
    },
  },
  {
    name: "an open store is alive, and one that never was is not",
    run: async ({ openStore }) => {
      const store = await openStore();
      await store.open();
      assert.ok(store.instance.length > 0);
      assert.equal(await store.isAlive(store.instance), true);
      assert.equal(await store.isAlive("nobody"), false);
      assert.notEqual((await openStore()).instance, store.instance);
    },
  },
];

async function take(
  store: Store,
  key: string,
  holder: string,
  ttlMs: number = LONG_MS,
): Promise<Lease> {
  const { isMine, lease } = await store.acquireLease(key, holder, ttlMs);
  assert.equal(isMine, true, `${lease.holder} has ${key}`);
  assert.equal(lease.holder, holder);
  return lease;
}

async function takeEventually(store: Store, key: string, holder: string): Promise<Lease> {
  for (let tries = 0; tries < 1_000; tries++) {
    const { isMine, lease } = await store.acquireLease(key, holder, LONG_MS);
    if (isMine) return lease;
    await sleep(5);
  }
  return assert.fail(`${key} does not expire`);
}
