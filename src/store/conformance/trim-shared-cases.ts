import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { replay } from "../../model/apply.ts";
import type { FilePart } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { Store } from "../store.ts";
import { SEARCH_AND_FORKS, SHARED_FORKS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { PURGE } from "./erasure-fixture.ts";
import {
  commitEach,
  create,
  EVERYBODY,
  existing,
  extend,
  headOf,
  keyOf,
  makeWrite,
  reader,
  rejectsWith,
} from "./fixture.ts";
import { branchAt, dequeue, enqueue, originOf, say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";
import { idsOn, trim } from "./trim-fixture.ts";

const BYTES: Uint8Array = new Uint8Array([1, 2, 3]);
const SHA256: string = createHash("sha256").update(BYTES).digest("hex");
const FILE: FilePart = {
  type: "file",
  mediaType: "image/png",
  source: { kind: "blob", sha256: SHA256, sizeBytes: BYTES.byteLength },
};
const DAYS_LATER: number = Date.UTC(2100, 0, 1);

export const TRIM_SHARED_CASES: readonly ConformanceCase[] = [
  {
    name: "a fork keeps what its origin is trimmed of",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await fourMessages(store);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const head = await trim(store, "t", { [MAIN]: "d" });
      assert.deepEqual(await idsOn(store, head), ["d"]);
      assert.deepEqual(await idsOn(store, fork), ["a", "b", "c", "d", "x"]);
      assert.deepEqual(await foundIn(store, "t"), [null, null, null, "d"]);
      assert.deepEqual(await foundIn(store, "f"), ["a", "b", "c", "d"]);
      const need = { kind: "message", id: "b" } as const;
      assert.equal((await store.loadFacts(keyOf("t"), [need])).messages["b"], null);
      const included = (await store.loadFacts(keyOf("f"), [{ ...need, holders: true }])).messages;
      assert.deepEqual(included["b"]?.holders, ["f"]);
    },
  },
  {
    name: "a fork that is trimmed lets go of what it shares, and its origin does not",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await fourMessages(store);
      await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const fork = await trim(store, "f", { [MAIN]: "c" });
      assert.deepEqual(await idsOn(store, fork), ["c", "d", "x"]);
      assert.deepEqual(await foundIn(store, "f"), [null, null, "c", "d"]);
      assert.deepEqual(await idsOn(store, origin), ["a", "b", "c", "d"]);
      assert.deepEqual(await foundIn(store, "t"), ["a", "b", "c", "d"]);
      assert.equal((await store.listEntries(keyOf("t"), 0, 100)).length, origin.version);
    },
  },
  {
    name: "a blob of a trimmed message stays for a fork, and goes with the last thread that lets go of it",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      await store.putBlob(reader("uploader"), infoOf(), BYTES);
      const origin = await extend(store, "t", [
        create("t"),
        say("a", [FILE]),
        say("b", "two"),
        say("c", "three"),
      ]);
      await extend(store, "f", [create("f", { owner: "frank" }, originOf(origin))]);
      await extend(store, "g", [create("g", { owner: "gina" }, originOf(origin))]);
      assert.equal(await canLoad(store, reader("alice")), true);
      await trim(store, "t", { [MAIN]: "b" });
      assert.equal(await canLoad(store, reader("alice")), false);
      assert.equal(await canLoad(store, reader("frank")), true);
      await trim(store, "f", { [MAIN]: "c" });
      assert.equal(await canLoad(store, reader("frank")), false);
      assert.equal(await canLoad(store, reader("gina")), true);
      await extend(store, "g", [PURGE]);
      assert.equal(await canLoad(store, EVERYBODY), false);
    },
  },
  {
    name: "a blob that only a trimmed message referred to is gone",
    run: async ({ openStore }) => {
      const store = await openStore();
      await store.putBlob(reader("uploader"), infoOf(), BYTES);
      await extend(store, "t", [create("t"), say("a", [FILE]), say("b", "two")]);
      assert.equal(await canLoad(store, EVERYBODY), true);
      await trim(store, "t", { [MAIN]: "b" });
      assert.equal(await canLoad(store, EVERYBODY), false);
    },
  },
  {
    name: "a fork that was decided on before its origin was trimmed is stale",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await fourMessages(store);
      const late = makeWrite(keyOf("f"), null, [create("f", {}, originOf(origin))]);
      await trim(store, "t", { [MAIN]: "c" });
      assert.deepEqual(await commitEach(store, [late]), ["stale"]);
      assert.deepEqual(await store.loadHeads([keyOf("f")]), [null]);
    },
  },
  {
    name: "a fork is not stale because its origin's origin was trimmed",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await fourMessages(store);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
      await trim(store, "t", { [MAIN]: "d" });
      const second = await extend(store, "g", [create("g", {}, originOf(fork)), say("y", "mine")]);
      assert.deepEqual(await idsOn(store, second), ["a", "b", "c", "d", "y"]);
      const late = makeWrite(keyOf("h"), null, [create("h", {}, originOf(second))]);
      await trim(store, "g", { [MAIN]: "c" });
      assert.deepEqual(await commitEach(store, [late]), ["stale"]);
    },
  },
  {
    name: "a fork of a trimmed thread has what that still had, and its own log is whole",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      await fourMessages(store);
      const origin = await trim(store, "t", { [MAIN]: "c" });
      const floor = existing(origin.branches[MAIN]?.floor);
      const from = originOf(origin);
      const fork = await extend(store, "f", [
        create(
          "f",
          { trim: { version: 1, floors: [floor] } },
          { ...from, head: { ...from.head, floor } },
        ),
        say("x", "mine"),
      ]);
      assert.deepEqual(await idsOn(store, fork), ["c", "d", "x"]);
      assert.deepEqual(await foundIn(store, "f"), [null, null, "c", "d"]);
      assert.deepEqual(await headOf(store, "f"), fork);
      const entries = await store.listEntries(keyOf("f"), 0, 10);
      assert.deepEqual(
        entries.map(({ version }) => version),
        [1, 2],
      );
      assert.deepEqual(await store.listEntries(keyOf("f"), 1, 10), entries.slice(1));
    },
  },
  {
    name: "a shared message that its origin was trimmed of is found in the fork only",
    requires: SEARCH_AND_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [
        create("t"),
        say("a", "a unicorn"),
        say("b", "two"),
        say("c", "three"),
      ]);
      await extend(store, "f", [create("f", { owner: "frank" }, originOf(origin))]);
      const threadsFor = async (who: Reader): Promise<readonly string[]> => {
        const { hits } = await store.search(who, { text: "unicorn", limit: 10 });
        return hits.map(({ threadId }) => threadId);
      };
      assert.deepEqual(await threadsFor(EVERYBODY), ["t"]);
      await trim(store, "t", { [MAIN]: "b" });
      assert.deepEqual(await threadsFor(EVERYBODY), ["f"]);
      assert.deepEqual(await threadsFor(reader("alice")), []);
      assert.deepEqual(await threadsFor(reader("frank")), ["f"]);
      await trim(store, "f", { [MAIN]: "c" });
      assert.deepEqual(await threadsFor(EVERYBODY), []);
    },
  },
  {
    name: "what a trimmed thread keeps of before its log can be brought to another store",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("s", "Be kind.", { role: "system" })]);
      const start = await extend(store, "t", [say("a", "one"), say("b", "two"), say("c", "three")]);
      const at = { ...existing(start.branches[MAIN]) };
      await extend(store, "t", [branchAt("side", at), say("s1", "aside", { branch: "side" })]);
      await extend(store, "t", [
        branchAt("far", at),
        say("f1", "away", { branch: "far" }),
        say("f2", "further", { branch: "far" }),
        say("d", "four"),
        startRun("r1"),
        enqueue("q", "later"),
      ]);
      const head = await trim(store, "t", { [MAIN]: "d", side: "c", far: "f2" });
      await extend(store, "t", [say("e", "five"), dequeue("q")]);
      assert.deepEqual(await store.listKept(keyOf("nobody"), 0, 10), []);
      const kept = await store.listKept(keyOf("t"), 0, 100);
      assert.deepEqual(
        kept.map(({ message, place }) => [message.id, place?.position, place?.continues?.position]),
        [
          ["s", 1, undefined],
          ["c", 4, undefined],
          ["s1", 1, 4],
          // The first message of its segment is gone.
          ["f2", 2, 4],
          ["d", 5, undefined],
          ["q", undefined, undefined],
        ],
      );
      assert.equal(existing(kept[5]).message.status, "queued");
      const after = existing(kept[1]).message.version;
      assert.deepEqual(await store.listKept(keyOf("t"), after, 2), kept.slice(2, 4));
      const [first, ...rest] = await store.listEntries(keyOf("t"), 0, 100);
      const other = await openStore();
      const write = {
        key: keyOf("t"),
        base: 0,
        entries: [existing(first)],
        before: null,
        after: head,
        givenIds: [],
        kept,
      };
      assert.deepEqual(await commitEach(other, [write]), ["committed"]);
      assert.deepEqual(await commitEach(other, [write]), ["stale"]);
      const now = existing(replay(rest, head));
      const more = { ...write, base: head.version, entries: rest, before: head, after: now };
      const { kept: _kept, ...plain } = more;
      assert.deepEqual(await commitEach(other, [plain]), ["committed"]);
      const ids = ["s", "a", "b", "c", "d", "e", "s1", "f1", "f2", "q"];
      for (const branch of [MAIN, "side", "far"])
        assert.deepEqual(await idsOn(other, now, branch), await idsOn(store, now, branch));
      const key = keyOf("t");
      assert.deepEqual(await headOf(other, "t"), now);
      assert.deepEqual(await other.listKept(key, 0, 100), kept);
      assert.deepEqual(await other.loadMessages(key, ids), await store.loadMessages(key, ids));
      const log = await store.listEntries(key, 0, 100);
      assert.deepEqual(await other.listEntries(key, 0, 100), log);
      await rejectsWith("trimmed", other.listEntries(key, 1, 100));
    },
  },
  {
    name: "a fork can be brought to another store behind its origin, which was trimmed",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await fourMessages(store);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const head = await trim(store, "t", { [MAIN]: "d" });
      const kept = await store.listKept(keyOf("t"), 0, 100);
      assert.deepEqual(
        kept.map(({ message, isReleased }) => [message.id, isReleased ?? false]),
        [
          ["a", true],
          ["b", true],
          ["c", true],
          ["d", false],
        ],
      );
      const other = await openStore();
      const plain = { base: 0, before: null, givenIds: [] };
      const first = { ...plain, key: keyOf("t"), after: head, kept };
      const second = { ...plain, key: keyOf("f"), after: fork, kept: [] };
      const entries = await store.listEntries(keyOf("t"), 0, 100);
      assert.deepEqual(await commitEach(other, [{ ...first, entries }]), ["committed"]);
      const forked = await store.listEntries(keyOf("f"), 0, 100);
      assert.deepEqual(await commitEach(other, [{ ...second, entries: forked }]), ["committed"]);
      assert.deepEqual(await idsOn(other, fork), ["a", "b", "c", "d", "x"]);
      assert.deepEqual(await idsOn(other, head), ["d"]);
      assert.deepEqual(await foundIn(other, "t"), [null, null, null, "d"]);
      assert.deepEqual(await other.listKept(keyOf("t"), 0, 100), kept);
    },
  },
];

async function fourMessages(store: Store): ReturnType<typeof extend> {
  return extend(store, "t", [
    create("t"),
    say("a", "one"),
    say("b", "two"),
    say("c", "three"),
    say("d", "four"),
  ]);
}

async function foundIn(store: Store, id: string): Promise<readonly (string | null)[]> {
  const found = await store.loadMessages(keyOf(id), ["a", "b", "c", "d"]);
  return found.map((message) => message?.id ?? null);
}

function infoOf(): { sha256: string; sizeBytes: number; mediaType: string } {
  return { sha256: SHA256, sizeBytes: BYTES.byteLength, mediaType: "image/png" };
}

/** Through a thread: the upload was long ago. */
async function canLoad(store: Store, who: Reader): Promise<boolean> {
  return (await store.loadBlob(who, SHA256, DAYS_LATER)) !== null;
}
