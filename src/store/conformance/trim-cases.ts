import assert from "node:assert/strict";
import { replay } from "../../model/apply.ts";
import { MAIN } from "../../model/thread.ts";
import type { PathRange, Store } from "../store.ts";
import { DURABLE, SEARCH } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { provesForgotten, PURGE, SECRET } from "./erasure-fixture.ts";
import {
  commitEach,
  create,
  EVERYBODY,
  existing,
  extend,
  headOf,
  keyOf,
  makeWrite,
  rejectsWith,
  TENANT,
} from "./fixture.ts";
import { branchAt, close, dequeue, endOf, enqueue, open, redact, say } from "./message-fixture.ts";
import { newStep, startRun } from "./run-fixture.ts";
import { messagesFor } from "./search-fixture.ts";
import { floorAt, idsOn, trim, trimmedTo } from "./trim-fixture.ts";

const WHOLE: PathRange = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };

export const TRIM_CASES: readonly ConformanceCase[] = [
  {
    name: "a trimmed path begins at its floor, and what is kept stays as it was",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = await sixMessages(store);
      const old = await store.readPath(TENANT, endOf(before), WHOLE);
      const head = await trim(store, "t", { [MAIN]: "d" });
      assert.deepEqual(await store.readPath(TENANT, existing(head.branches[MAIN]), WHOLE), [
        ...old.filter(({ role }) => role === "system"),
        ...old.slice(4),
      ]);
      const found = await store.loadMessages(keyOf("t"), ["s", "a", "b", "c", "d", "e"]);
      assert.deepEqual(found, [old[0], null, null, null, old[4], old[5]]);
    },
  },
  {
    name: "a range of a trimmed path counts in depths, and its limits in messages that are there",
    run: async ({ openStore }) => {
      const store = await openStore();
      await sixMessages(store);
      await extend(store, "t", [say("f", "six", { role: "developer" }), say("g", "seven")]);
      await extend(store, "t", [say("h", "eight"), say("i", "nine")]);
      const head = await trim(store, "t", { [MAIN]: "h" });
      const end = existing(head.branches[MAIN]);
      const read = async (range: Partial<PathRange>): Promise<readonly string[]> =>
        (await store.readPath(TENANT, end, { ...WHOLE, ...range })).map(({ id }) => id);
      assert.deepEqual(await read({}), ["s", "f", "h", "i"]);
      assert.deepEqual(await read({ order: "desc" }), ["i", "h", "f", "s"]);
      assert.deepEqual(await read({ order: "desc", limit: 3 }), ["i", "h", "f"]);
      assert.deepEqual(await read({ limit: 3 }), ["s", "f", "h"]);
      assert.deepEqual(await read({ limit: 1 }), ["s"]);
      assert.deepEqual(await read({ minDepth: 1, maxDepth: 5 }), []);
      assert.deepEqual(await read({ minDepth: 1, maxDepth: 8 }), ["f", "h"]);
      assert.deepEqual(await read({ minDepth: 9 }), ["i"]);
      assert.deepEqual(await read({ maxDepth: 7, order: "desc", limit: 1 }), ["f"]);
      assert.deepEqual(await read({ roles: ["user"] }), ["h", "i"]);
      assert.deepEqual(await read({ roles: ["developer", "user"], limit: 2 }), ["f", "h"]);
      assert.deepEqual(await read({ roles: ["assistant"] }), []);
      for (const order of ["asc", "desc"] as const) {
        const all = await read({ order });
        assert.deepEqual(await read({ order, maxBytes: 1_000_000 }), all);
        assert.deepEqual(await read({ order, maxBytes: 1 }), all.slice(0, 1));
      }
    },
  },
  {
    name: "a byte bound that is met above the floor or below it leaves no hole",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t"),
        say("s1", "x".repeat(400), { role: "system" }),
        say("s2", "short", { role: "system" }),
        say("a", "gone"),
        say("b", "short"),
        say("c", "y".repeat(400)),
        say("d", "short"),
      ]);
      const head = await trim(store, "t", { [MAIN]: "b" });
      const end = existing(head.branches[MAIN]);
      for (const order of ["asc", "desc"] as const) {
        const all = await store.readPath(TENANT, end, { ...WHOLE, order });
        for (let maxBytes = 1; maxBytes < 1_500; maxBytes += 97) {
          const page = await store.readPath(TENANT, end, { ...WHOLE, order, maxBytes });
          assert.ok(page.length > 0);
          assert.deepEqual(page, all.slice(0, page.length));
          const bytes = page.reduce((sum, { parts }) => sum + JSON.stringify(parts).length, 0);
          assert.ok(page.length === 1 || bytes <= maxBytes, `${bytes} of ${maxBytes}`);
        }
      }
    },
  },
  {
    name: "the log begins with the trim, replays to the head, and goes on without a gap",
    run: async ({ openStore }) => {
      const store = await openStore();
      await sixMessages(store);
      const trimmed = await trim(store, "t", { [MAIN]: "d" });
      const head = await extend(store, "t", [say("f", "six"), say("g", "seven")]);
      assert.equal(head.version, trimmed.version + 2);
      const entries = await store.listEntries(keyOf("t"), 0, 100);
      assert.deepEqual(
        entries.map(({ version, op }) => [version, op]),
        [
          [trimmed.version, "retention.trim"],
          [trimmed.version + 1, "message.append"],
          [trimmed.version + 2, "message.append"],
        ],
      );
      assert.deepEqual(replay(entries), head);
      assert.deepEqual(await headOf(store, "t"), head);
      assert.deepEqual(await store.listEntries(keyOf("t"), 0, 1), entries.slice(0, 1));
      for (const [index, { version }] of entries.entries())
        assert.deepEqual(
          await store.listEntries(keyOf("t"), version - 1, 100),
          entries.slice(index),
        );
      assert.deepEqual(await store.listEntries(keyOf("t"), head.version, 100), []);
    },
  },
  {
    name: "a reader of the log that would miss what was trimmed is told where the log begins",
    run: async ({ openStore }) => {
      const store = await openStore();
      await sixMessages(store);
      const { version } = await trim(store, "t", { [MAIN]: "d" });
      for (const after of [1, 2, version - 2]) {
        const reading = store.listEntries(keyOf("t"), after, 10);
        await rejectsWith("trimmed", reading);
        await assert.rejects(reading, { details: { oldest: version } });
      }
    },
  },
  {
    name: "a second trim takes the place of the first",
    run: async ({ openStore }) => {
      const store = await openStore();
      await sixMessages(store);
      await trim(store, "t", { [MAIN]: "b" });
      await extend(store, "t", [say("f", "six")]);
      const head = await trim(store, "t", { [MAIN]: "e" });
      assert.deepEqual(await idsOn(store, head), ["s", "e", "f"]);
      const entries = await store.listEntries(keyOf("t"), 0, 100);
      assert.deepEqual(
        entries.map(({ version }) => version),
        [head.version],
      );
      assert.deepEqual(replay(entries), head);
    },
  },
  {
    name: "every branch keeps its own window, and what no branch leads to goes",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await sixMessages(store);
      const { segment } = endOf(start);
      const at = (messageId: string, position: number): Parameters<typeof branchAt>[1] => ({
        segment,
        position,
        messageId,
        count: position,
        turnId: messageId,
      });
      await extend(store, "t", [
        branchAt("side", at("c", 4)),
        say("s1", "aside", { branch: "side" }),
        branchAt("lost", at("b", 3)),
        say("l1", "to be lost", { branch: "lost" }),
        { op: "branch.remove", data: { name: "lost" } },
      ]);
      const head = await trim(store, "t", { [MAIN]: "e", side: "b" });
      assert.deepEqual(await idsOn(store, head), ["s", "e"]);
      assert.deepEqual(await idsOn(store, head, "side"), ["s", "b", "c", "s1"]);
      const found = await store.loadMessages(keyOf("t"), ["a", "b", "c", "d", "e", "s1", "l1"]);
      assert.deepEqual(
        found.map((message) => message?.id ?? null),
        [null, "b", "c", null, "e", "s1", null],
      );
    },
  },
  {
    name: "facts know the floor of a message, and nothing above it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await sixMessages(store);
      const { segment } = endOf(start);
      const cut = { segment, position: 4, messageId: "c", count: 4, turnId: "c" };
      await extend(store, "t", [branchAt("side", cut), say("s1", "aside", { branch: "side" })]);
      const head = await trim(store, "t", { [MAIN]: "d", side: "b" });
      const floors = existing(head.profile.trim).floors;
      const on = existing(head.branches[MAIN]);
      const ids = ["s", "a", "b", "c", "d", "e", "s1"];
      const { messages } = await store.loadFacts(
        keyOf("t"),
        ids.map((id) => ({ kind: "message", id, on, floors })),
      );
      const told = ids.map((id) => {
        const fact = messages[id] ?? null;
        return fact && [fact.floor?.messageId ?? null, fact.isOnPath, fact.parent !== null];
      });
      assert.deepEqual(told, [
        [null, true, false],
        null,
        ["b", true, false],
        ["b", true, true],
        ["d", true, false],
        ["d", true, true],
        ["b", false, true],
      ]);
      assert.deepEqual(messages["e"]?.floor, head.branches[MAIN]?.floor);
      assert.equal(messages["d"]?.lastMessage?.id, "d");
    },
  },
  {
    name: "a floor hides older words from facts",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t"),
        say("a", "words"),
        say("b", [{ type: "data", name: "chart" }]),
        say("c", [{ type: "data", name: "chart" }]),
      ]);
      const head = await trim(store, "t", { [MAIN]: "b" });
      const floors = existing(head.profile.trim).floors;
      const { messages } = await store.loadFacts(keyOf("t"), [
        { kind: "message", id: "c", on: existing(head.branches[MAIN]), floors },
      ]);
      assert.equal(messages["c"]?.lastMessage, null);
      assert.equal(messages["c"]?.parent?.lastMessage, null);
    },
  },
  {
    name: "what waits and what is being written live through a trim",
    run: async ({ openStore }) => {
      const store = await openStore();
      await sixMessages(store);
      await extend(store, "t", [startRun("r1"), open("o", "r1"), enqueue("q", "later")]);
      await store.appendChunks(keyOf("t"), [
        { runId: "r1", messageId: "o", attempt: 1, part: 0, kind: "text", offset: 0, text: "so" },
      ]);
      await trim(store, "t", { [MAIN]: "e" });
      assert.equal((await store.listChunks(keyOf("t"), "o")).length, 1);
      const [queued] = await store.loadMessages(keyOf("t"), ["q"]);
      assert.equal(queued?.status, "queued");
      const head = await extend(store, "t", [close("o", "done"), dequeue("q"), say("f", "six")]);
      assert.deepEqual(await idsOn(store, head), ["s", "e", "o", "q", "f"]);
      assert.deepEqual(await headOf(store, "t"), head);
    },
  },
  {
    name: "runs, steps, operations and given ids live through a trim",
    run: async ({ openStore }) => {
      const store = await openStore();
      const operation = { user: "alice", opId: "key-1", digest: "abc" };
      await extend(store, "t", [create("t"), say("mine", "hello"), startRun("r1")], {
        givenIds: ["mine"],
        operation,
      });
      const step = newStep("s1", "r1");
      await extend(store, "t", [{ op: "step.start", data: { step } }, say("b", "two")]);
      const head = await trim(store, "t", { [MAIN]: "b" });
      assert.deepEqual(await store.listSteps(keyOf("t"), "r1"), [step]);
      assert.deepEqual(await store.listRuns(keyOf("t"), { limit: 9 }), head.activity.runs);
      const facts = await store.loadFacts(keyOf("t"), [
        { kind: "given", ids: ["mine"] },
        { kind: "operation", user: "alice", opId: "key-1" },
      ]);
      assert.deepEqual(facts.given, { mine: { key: keyOf("t"), version: 2 } });
      assert.equal(facts.operation?.toVersion, 3);
      const again = makeWrite(keyOf("t"), head, [say("mine", "no")], { givenIds: ["mine"] });
      assert.deepEqual(await commitEach(store, [again]), ["stale"]);
    },
  },
  {
    name: "a stale trim takes nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = await sixMessages(store);
      const floor = await floorAt(store, before, MAIN, "d");
      const head = await extend(store, "t", [say("f", "six")]);
      const write = makeWrite(keyOf("t"), before, [trimmedTo({ [MAIN]: floor })]);
      assert.deepEqual(await commitEach(store, [write]), ["stale"]);
      assert.deepEqual(await idsOn(store, head), ["s", "a", "b", "c", "d", "e", "f"]);
      assert.equal((await store.listEntries(keyOf("t"), 0, 100)).length, head.version);
    },
  },
  {
    name: "what is redacted after a trim is forgotten in its snapshot, too",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t", { title: SECRET, titleOf: "a" }),
        say("s", "Be kind.", { role: "system" }),
        say("z", "gone"),
        say("a", SECRET),
        startRun("r1"),
        enqueue("q", SECRET),
      ]);
      await trim(store, "t", { [MAIN]: "a" });
      await extend(store, "t", [redact("a"), redact("q")]);
      await provesForgotten(store, ["t"], ["a", "q"]);
    },
  },
  {
    name: "a trimmed thread can be purged",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", "one"), say("b", SECRET), say("c", SECRET)]);
      await trim(store, "t", { [MAIN]: "b" });
      await extend(store, "t", [PURGE]);
      await provesForgotten(store, ["t"], ["a", "b", "c"]);
    },
  },
  {
    name: "trimmed messages are not found by a search",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t"),
        say("a", "a unicorn"),
        say("b", "a unicorn"),
        say("c", "a unicorn"),
      ]);
      assert.deepEqual((await messagesFor(store, "unicorn")).toSorted(), ["a", "b", "c"]);
      await trim(store, "t", { [MAIN]: "c" });
      assert.deepEqual(await messagesFor(store, "unicorn"), ["c"]);
    },
  },
  {
    name: "a trimmed thread is the same after the store was opened again",
    requires: DURABLE,
    run: async ({ openStore, reopen }) => {
      const store = await openStore();
      await sixMessages(store);
      await trim(store, "t", { [MAIN]: "d" });
      const head = await extend(store, "t", [say("f", "six")]);
      const again = await existing(reopen)(store);
      assert.deepEqual(await headOf(again, "t"), head);
      assert.deepEqual(await idsOn(again, head), ["s", "d", "e", "f"]);
      assert.deepEqual(replay(await again.listEntries(keyOf("t"), 0, 100)), head);
      assert.deepEqual(await again.loadThread(EVERYBODY, "t"), head);
      await rejectsWith("trimmed", again.listEntries(keyOf("t"), 1, 10));
    },
  },
];

async function sixMessages(store: Store): ReturnType<typeof extend> {
  return extend(store, "t", [
    create("t"),
    say("s", "Be kind.", { role: "system" }),
    say("a", "one"),
    say("b", "two"),
    say("c", "three"),
    say("d", "four"),
    say("e", "five"),
  ]);
}
