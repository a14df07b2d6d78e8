import { expect, test } from "vitest";
import { create, keyOf, makeWrite } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import type { ThreadWrite } from "../store.ts";
import { memoryStore } from "./memory-store.ts";

const KEY = keyOf("t");

const faults: readonly (readonly [string, (write: ThreadWrite) => ThreadWrite])[] = [
  ["has no entries", (write) => ({ ...write, entries: [] })],
  ["starts at another version than its base", (write) => ({ ...write, base: 7 })],
  ["leaves out a version", (write) => ({ ...write, entries: write.entries.slice(1) })],
  ["names another thread", (write) => ({ ...write, key: keyOf("u") })],
  ["names another tenant", (write) => ({ ...write, key: { ...KEY, tenant: "globex" } })],
  [
    "has an entry of another thread",
    (write) => ({ ...write, entries: write.entries.map((it) => ({ ...it, threadId: "u" })) }),
  ],
  [
    "has a head that its entries do not lead to",
    (write) => ({ ...write, after: { ...write.after, version: 3 } }),
  ],
  [
    "has an operation that ends behind it",
    (write) => ({
      ...write,
      operation: { user: "alice", opId: "k", digest: "d", fromVersion: 1, toVersion: 9 },
    }),
  ],
];

test.for(faults)("a write that %s is thrown, with everything beside it", async ([, fault]) => {
  const store = memoryStore();
  const fine = makeWrite(keyOf("fine"), null, [create("fine")]);
  const wrong = fault(makeWrite(KEY, null, [create("t"), say("m", "hello")]));
  await expect(store.commit([[{ writes: [fine] }], [{ writes: [wrong] }]])).rejects.toThrow(
    /^Write to /u,
  );
  expect(await store.loadHeads([fine.key, KEY])).toEqual([null, null]);
});

test("what the store answers is frozen all the way down", async () => {
  const store = memoryStore();
  await store.commit([[{ writes: [makeWrite(KEY, null, [create("t"), say("m", "hello")])] }]]);
  const [head] = await store.loadHeads([KEY]);
  const [message] = await store.loadMessages(KEY, ["m"]);
  const entries = await store.listEntries(KEY, 0, 10);
  for (const value of [head, head?.profile.tags, message, message?.parts[0], entries[1]?.data])
    expect(Object.isFrozen(value)).toBe(true);
});
