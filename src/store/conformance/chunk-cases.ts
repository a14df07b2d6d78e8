import assert from "node:assert/strict";
import type { Chunk } from "../chunk.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, extend, keyOf } from "./fixture.ts";
import { close, open, say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";

export const CHUNK_CASES: readonly ConformanceCase[] = [
  {
    name: "chunks of an open message come back in the order in which they were added",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      const first = [chunkOf("Once "), chunkOf("upon ", { offset: 5 })];
      const second: readonly Chunk[] = [
        chunkOf("a time", { offset: 10 }),
        chunkOf("hmm", { part: 1, kind: "reasoning" }),
        chunkOf('{"at":', { part: 2, kind: "tool-input", callId: "c1", name: "look" }),
        chunkOf("Again", { attempt: 2 }),
      ];
      await store.appendChunks(keyOf("t"), first);
      await store.appendChunks(keyOf("t"), second);
      assert.deepEqual(await store.listChunks(keyOf("t"), "a"), [...first, ...second]);
    },
  },
  {
    name: "a chunk's text comes back exactly, also half of a surrogate pair",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      const texts = ["\ud83e", "\uddf5", "\u0000", "", "\n", "e\u0301 👩‍👩‍👧", "x".repeat(100_000)];
      const chunks = texts.map((text, offset) => chunkOf(text, { offset }));
      await store.appendChunks(keyOf("t"), chunks);
      assert.deepEqual(await store.listChunks(keyOf("t"), "a"), chunks);
    },
  },
  {
    name: "adding no chunks is fine",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      await store.appendChunks(keyOf("t"), []);
      assert.deepEqual(await store.listChunks(keyOf("t"), "a"), []);
    },
  },
  {
    name: "committing a message removes its chunks, and no other message's",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      await extend(store, "u", [create("u"), startRun("r2"), open("b", "r2")]);
      const other = chunkOf("mine", { runId: "r2", messageId: "b" });
      await store.appendChunks(keyOf("t"), [chunkOf("Once")]);
      await store.appendChunks(keyOf("u"), [other]);
      await extend(store, "t", [close("a", "Once upon a time")]);
      assert.deepEqual(await store.listChunks(keyOf("t"), "a"), []);
      assert.deepEqual(await store.listChunks(keyOf("u"), "b"), [other]);
    },
  },
  {
    name: "chunks of a message that is no longer open, or never was, are ignored",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      await extend(store, "t", [close("a", "done"), say("b", "whole at once")]);
      const late = ["a", "b", "nobody's"].map((messageId) => chunkOf("late", { messageId }));
      await store.appendChunks(keyOf("t"), late);
      await store.appendChunks(keyOf("nobody"), late);
      for (const id of ["a", "b", "nobody's"])
        assert.deepEqual(await store.listChunks(keyOf("t"), id), []);
      assert.deepEqual(await store.listChunks(keyOf("nobody"), "a"), []);
    },
  },
  {
    name: "of several chunks at once those of open messages are kept",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      const kept = chunkOf("kept");
      await store.appendChunks(keyOf("t"), [chunkOf("no", { messageId: "nobody's" }), kept]);
      assert.deepEqual(await store.listChunks(keyOf("t"), "a"), [kept]);
      assert.deepEqual(await store.listChunks(keyOf("t"), "nobody's"), []);
    },
  },
  {
    name: "chunks are found in their own thread and tenant only",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      await extend(store, "u", [create("u")]);
      await store.appendChunks(keyOf("t"), [chunkOf("mine")]);
      assert.deepEqual(await store.listChunks(keyOf("u"), "a"), []);
      assert.deepEqual(await store.listChunks({ tenant: "globex", id: "t" }, "a"), []);
    },
  },
  {
    name: "chunks that are added one after another at once are all kept",
    run: async ({ openStore }) => {
      const store = await openStore();
      await openMessage(store);
      const chunks = Array.from({ length: 50 }, (_, offset) => chunkOf("x", { offset }));
      await Promise.all(chunks.map((chunk) => store.appendChunks(keyOf("t"), [chunk])));
      assert.deepEqual(await store.listChunks(keyOf("t"), "a"), chunks);
    },
  },
];

async function openMessage(store: Store): Promise<void> {
  await extend(store, "t", [create("t"), startRun("r1"), open("a", "r1")]);
}

function chunkOf(text: string, chunk: Partial<Chunk> = {}): Chunk {
  return {
    runId: "r1",
    messageId: "a",
    attempt: 1,
    part: 0,
    kind: "text",
    offset: 0,
    text,
    ...chunk,
  };
}
