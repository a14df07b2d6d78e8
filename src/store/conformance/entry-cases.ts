import assert from "node:assert/strict";
import type { Entry } from "../../model/entry.ts";
import { apply, replay } from "../../model/apply.ts";
import { text } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import { startRun } from "./run-fixture.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { EVERY_PART, ODD_TEXTS, oddResult } from "./odd-content.ts";
import { EVERY_OP, WHOLE_PROFILE } from "./every-op.ts";
import {
  EVERYBODY,
  commitEach,
  create,
  existing,
  extend,
  headOf,
  keyOf,
  makeWrite,
} from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { close, endOf, open, say } from "./message-fixture.ts";

export const ENTRY_CASES: readonly ConformanceCase[] = [
  {
    name: "entries of every op come back as they were committed",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "elsewhere", [create("elsewhere")]);
      const write = makeWrite(keyOf("t"), null, EVERY_OP);
      assert.deepEqual(await commitEach(store, [write]), ["committed"]);
      assert.deepEqual(await store.listEntries(keyOf("t"), 0, 1_000), write.entries);
      assert.deepEqual(await headOf(store, "t"), write.after);
    },
  },
  {
    name: "entries of every op come back as they were committed, one commit each",
    run: async ({ openStore }) => {
      const store = await openStore();
      const { entries, after } = makeWrite(keyOf("t"), null, EVERY_OP);
      for (const change of EVERY_OP) {
        const [before = null] = await store.loadHeads([keyOf("t")]);
        const opId = existing(entries[0]).opId;
        const head = await extend(store, "t", [change], { opId });
        assert.deepEqual(replay(entries.slice(0, head.version)), head);
        assert.deepEqual(await headOf(store, "t"), head, `${before?.version} → ${head.version}`);
      }
      assert.deepEqual(await store.listEntries(keyOf("t"), 0, 1_000), entries);
      assert.deepEqual(await headOf(store, "t"), after);
    },
  },
  {
    name: "an entry of an unknown op is kept as it is",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = await extend(store, "t", [create("t")]);
      const known = makeWrite(keyOf("t"), before, [
        { op: "custom", data: { name: "poll", data: { options: ["yes", "no"], isOpen: true } } },
      ]);
      const unknown: Entry = JSON.parse(
        JSON.stringify(existing(known.entries[0])).replace('"custom"', '"poll.open"'),
      );
      const write = { ...known, entries: [unknown], after: apply(before, unknown) };
      assert.deepEqual(await commitEach(store, [write]), ["committed"]);
      const [, stored] = await store.listEntries(keyOf("t"), 0, 10);
      assert.deepEqual(stored, unknown);
      assert.deepEqual(await headOf(store, "t"), write.after);
      const head = await extend(store, "t", [say("m1", "life goes on")]);
      assert.equal(head.version, 3);
    },
  },
  {
    name: "an entry keeps the schema version that it was written with",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = await extend(store, "t", [create("t")]);
      const made = makeWrite(keyOf("t"), before, [say("m1", "from the future")]);
      const entry = { ...existing(made.entries[0]), schema: 7 };
      await commitEach(store, [{ ...made, entries: [entry] }]);
      assert.deepEqual(await store.listEntries(keyOf("t"), 1, 10), [entry]);
    },
  },
  {
    name: "entries are listed behind a version, at most as many as asked for",
    run: async ({ openStore }) => {
      const store = await openStore();
      const says = [1, 2, 3, 4, 5].map((index) => say(`m${index}`, `message ${index}`));
      await extend(store, "t", [create("t"), ...says]);
      const versions = async (after: number, limit: number): Promise<readonly number[]> =>
        (await store.listEntries(keyOf("t"), after, limit)).map(({ version }) => version);
      assert.deepEqual(await versions(0, 2), [1, 2]);
      assert.deepEqual(await versions(2, 2), [3, 4]);
      assert.deepEqual(await versions(4, 100), [5, 6]);
      assert.deepEqual(await versions(6, 100), []);
      assert.deepEqual(await versions(99, 100), []);
      assert.deepEqual(await store.listEntries(keyOf("nobody"), 0, 100), []);
    },
  },
  {
    name: "entries bounded by bytes stop before they are exceeded, but there is at least one",
    run: async ({ openStore }) => {
      const store = await openStore();
      const says = ["a", "b", "c", "d"].map((id) => say(id, "é".repeat(5_000)));
      await extend(store, "t", [create("t"), ...says]);
      const all = await store.listEntries(keyOf("t"), 0, 100);
      const bounded = (after: number, limit: number, maxBytes: number): Promise<readonly Entry[]> =>
        store.listEntries(keyOf("t"), after, limit, maxBytes);
      assert.deepEqual(await bounded(0, 100, 25_000), all.slice(0, 3));
      assert.deepEqual(await bounded(2, 100, 25_000), all.slice(2, 4));
      assert.deepEqual(await bounded(1, 1, 25_000), all.slice(1, 2));
      assert.deepEqual(await bounded(3, 100, 1), all.slice(3, 4));
      assert.deepEqual(await bounded(0, 100, 1_000_000), all);
      assert.deepEqual(await bounded(5, 100, 1), []);
    },
  },
  {
    name: "a profile with every field comes back as it was committed",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t", WHOLE_PROFILE)]);
      assert.deepEqual(await headOf(store, "t"), head);
      const [entry] = await store.listEntries(keyOf("t"), 0, 1);
      assert.ok(entry?.op === "thread.create");
      assert.deepEqual(entry.data.profile, head.profile);
    },
  },
  ...Object.entries(ODD_TEXTS).map(([what, output]): ConformanceCase => ({
    name: `tool output with ${what} comes back as it was committed`,
    run: async ({ openStore }) => {
      const store = await openStore();
      const parts = [oddResult(output)];
      const changes = [create("t"), say("m1", parts, { role: "tool" }), ...written(parts)];
      const write = makeWrite(keyOf("t"), null, changes);
      assert.deepEqual(await commitEach(store, [write]), ["committed"]);
      assert.deepEqual(await store.listEntries(keyOf("t"), 0, 10), write.entries);
      const messages = await store.loadMessages(keyOf("t"), ["m1", "m2"]);
      assert.deepEqual(
        messages.map((message) => message?.parts),
        [parts, parts],
      );
    },
  })),
  {
    name: "parts of every type come back as they were committed",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("m1", EVERY_PART)]);
      const [message] = await store.loadMessages(keyOf("t"), ["m1"]);
      assert.deepEqual(message?.parts, EVERY_PART);
      const [onPath] = await store.readPath(keyOf("t").tenant, endOf(head), {
        minDepth: 0,
        maxDepth: 0,
      });
      assert.deepEqual(onPath, message);
    },
  },
  {
    name: "what a caller does to its own objects afterwards changes nothing that is stored",
    run: async ({ openStore }) => {
      const store = await openStore();
      const parts = [text("as committed")];
      const metadata: Record<string, string> = { mood: "calm" };
      const write = makeWrite(keyOf("t"), null, [create("t", { metadata }), say("m1", parts)]);
      assert.deepEqual(await commitEach(store, [write]), ["committed"]);
      parts[0] = text("changed behind its back");
      metadata["mood"] = "wild";
      const [message] = await store.loadMessages(keyOf("t"), ["m1"]);
      assert.deepEqual(message?.parts, [text("as committed")]);
      assert.deepEqual((await headOf(store, "t")).profile.metadata, { mood: "calm" });
    },
  },
  {
    name: "what a caller does to an answer changes nothing that is stored",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t", { tags: ["red"] }), say("m1", "hello")]);
      const entries = structuredClone(await store.listEntries(keyOf("t"), 0, 10));
      const expected = structuredClone(head);
      const answers: readonly unknown[] = [
        await headOf(store, "t"),
        await store.listEntries(keyOf("t"), 0, 10),
        await store.loadMessages(keyOf("t"), ["m1"]),
        await store.loadThread(EVERYBODY, "t"),
        (await store.listThreads(EVERYBODY, { limit: 10 })).threads,
      ];
      for (const answer of answers) spoil(answer);
      assert.deepEqual(await headOf(store, "t"), expected);
      assert.deepEqual(await store.listEntries(keyOf("t"), 0, 10), entries);
      const [message] = await store.loadMessages(keyOf("t"), ["m1"]);
      assert.deepEqual(message?.parts, [text("hello")]);
    },
  },
];

/** The same content by the other way: opened, then committed. */
function written(parts: readonly Part[]): readonly Change[] {
  return [startRun("r1"), open("m2", "r1"), close("m2", parts)];
}

/** Overwrites whatever it can. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    spoil(inner);
    Reflect.set(value, key, "spoiled");
  }
}
