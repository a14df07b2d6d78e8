import assert from "node:assert/strict";
import type { Message } from "../../model/message.ts";
import { text } from "../../model/part.ts";
import { FORKS_AND_SEVERAL_THREADS, SEARCH_AND_FORKS, SHARED_FORKS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { pathOf, provesForgotten, PURGE, SECRET } from "./erasure-fixture.ts";
import { create, EVERYBODY, extend, headOf, keyOf, makeWrite } from "./fixture.ts";
import { originOf, redact, say } from "./message-fixture.ts";

/** Redaction and purge where forks share messages. */
export const SHARED_ERASURE_CASES: readonly ConformanceCase[] = [
  {
    name: "a redaction is told to the logs of several threads in one commit",
    requires: FORKS_AND_SEVERAL_THREADS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", SECRET)]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const later = await extend(store, "g", [create("g", {}, originOf(fork))]);
      const writes = [origin, fork, later].map((head) =>
        makeWrite(keyOf(head.profile.id), head, [redact("a")]),
      );
      assert.deepEqual(await store.commit([[{ writes }]]), [["committed"]]);
      for (const { key, after } of writes) {
        assert.deepEqual(await headOf(store, key.id), after);
        const [entry] = await store.listEntries(key, after.version - 1, 10);
        assert.deepEqual([entry?.op, entry?.data], ["message.redact", { messageId: "a" }]);
      }
      const [message] = await pathOf(store, fork);
      assert.equal(message?.redacted, true);
      await provesForgotten(store, ["t", "f", "g"], ["a"]);
    },
  },
  {
    name: "what forks share of a purged thread can be redacted through one of them",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", SECRET)]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
      const sibling = await extend(store, "g", [create("g", {}, originOf(origin))]);
      await extend(store, "t", [PURGE]);
      await extend(store, "f", [redact("a")]);
      for (const head of [fork, sibling]) {
        const [message] = await pathOf(store, head);
        assert.deepEqual([message?.redacted, message?.parts], [true, []]);
      }
      await provesForgotten(store, ["t", "f", "g"], ["a"]);
    },
  },
  {
    name: "what is redacted in the origin is redacted in the fork",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", SECRET)]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
      await extend(store, "g", [create("g", {}, originOf(fork))]);
      await extend(store, "t", [redact("a")]);
      const [message] = await pathOf(store, fork);
      assert.equal(message?.redacted, true);
      await provesForgotten(store, ["t", "f", "g"], ["a"]);
    },
  },
  {
    name: "what a fork includes stays readable when its origin is purged, and nothing else does",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const early = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const late = await extend(store, "t", [say("c", SECRET)]);
      await extend(store, "f", [create("f", {}, originOf(early)), say("x", "mine")]);
      await extend(store, "t", [PURGE]);
      const fork = await extend(store, "f", [say("y", "and on")]);
      assert.deepEqual(idsOf(await pathOf(store, fork)), ["a", "b", "x", "y"]);
      const [included] = await store.loadMessages(keyOf("f"), ["a"]);
      assert.deepEqual(included?.parts, [text("one")]);
      assert.ok(!idsOf(await pathOf(store, late)).includes("c"));
      assert.deepEqual(await store.loadMessages(keyOf("t"), ["a", "c"]), [null, null]);
      await provesForgotten(store, ["t", "f"], ["a", "b", "c", "x"]);
    },
  },
  {
    name: "what no fork includes any more goes with the last of them",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one")]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "two")]);
      const last = await extend(store, "g", [create("g", {}, originOf(fork)), say("y", "three")]);
      await extend(store, "t", [PURGE]);
      await extend(store, "f", [PURGE]);
      assert.deepEqual(idsOf(await pathOf(store, last)), ["a", "x", "y"]);
      await extend(store, "g", [PURGE]);
      for (const head of [origin, fork, last]) assert.deepEqual(await pathOf(store, head), []);
    },
  },
  {
    name: "purging a fork leaves its origin and its siblings whole",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one")]);
      await extend(store, "f", [create("f", {}, originOf(origin)), say("x", SECRET)]);
      const other = await extend(store, "g", [create("g", {}, originOf(origin)), say("y", "mine")]);
      await extend(store, "f", [PURGE]);
      assert.deepEqual(idsOf(await pathOf(store, origin)), ["a"]);
      assert.deepEqual(idsOf(await pathOf(store, other)), ["a", "y"]);
      await provesForgotten(store, ["f"], ["x"]);
    },
  },
  {
    name: "a message that a fork includes of a purged thread is found in the fork",
    requires: SEARCH_AND_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", SECRET)]);
      await extend(store, "t", [say("b", SECRET)]);
      await extend(store, "f", [create("f", {}, originOf(origin))]);
      await extend(store, "t", [PURGE]);
      const { hits } = await store.search(EVERYBODY, { text: SECRET, limit: 10 });
      assert.deepEqual(
        hits.map(({ threadId, messageId }) => [threadId, messageId]),
        [["f", "a"]],
      );
    },
  },
];

function idsOf(messages: readonly Message[]): readonly string[] {
  return messages.map(({ id }) => id);
}
