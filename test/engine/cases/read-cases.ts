import assert from "node:assert/strict";
import { textOf } from "../../../src/model/part.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  engineCase,
  existing,
  finish,
  idOf,
  ifSearched,
  numbers,
  reads,
  refuses,
  say,
  searchCase,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

export const READ_CASES: readonly EngineCase[] = [
  engineCase(
    "messages are read in pages, both ways, without a gap or a repetition",
    async (engine) => {
      const words = numbers(25).map((n) => `w${n}`);
      const id = await talk(engine, ...words);
      const text = (page: Awaited<ReturnType<typeof engine.messages>>): readonly string[] =>
        page.messages.map(({ parts: [part] }) => (part?.type === "text" ? part.text : ""));
      const newest = await engine.messages(id, { limit: 10 });
      assert.deepEqual(text(newest), words.slice(15));
      assert.deepEqual([newest.total, newest.hasOlder, newest.hasNewer], [25, true, false]);
      const middle = await engine.messages(id, {
        limit: 10,
        before: existing(newest.messages[0]).id,
      });
      assert.deepEqual(text(middle), words.slice(5, 15));
      assert.deepEqual([middle.hasOlder, middle.hasNewer], [true, true]);
      const oldest = await engine.messages(id, {
        limit: 10,
        before: existing(middle.messages[0]).id,
      });
      assert.deepEqual(text(oldest), words.slice(0, 5));
      assert.deepEqual([oldest.hasOlder, oldest.hasNewer], [false, true]);
      const after = await engine.messages(id, {
        limit: 10,
        after: existing(oldest.messages.at(-1)).id,
      });
      assert.deepEqual(after, middle);
      const [first, last] = [await idOf(engine, id, "w3"), await idOf(engine, id, "w8")];
      const between = await engine.messages(id, { after: first, before: last });
      assert.deepEqual(text(between), words.slice(4, 8));
      const backwards = await engine.messages(id, { limit: 3, order: "desc" });
      assert.deepEqual(text(backwards), ["w24", "w23", "w22"]);
      const end = await engine.messages(id, { after: await idOf(engine, id, "w24") });
      assert.deepEqual([end.messages, end.hasNewer, end.hasOlder], [[], false, true]);
      const start = await engine.messages(id, { before: await idOf(engine, id, "w0") });
      assert.deepEqual([start.messages, start.hasOlder], [[], false]);
    },
  ),

  engineCase("pages of a kept path cross from one stretch into the next", async (engine) => {
    const id = await talk(engine, ...numbers(10).map((n) => `w${n}`));
    await engine.truncate(id, await idOf(engine, id, "w4"));
    await say(engine, id, ...numbers(6).map((n) => `x${n}`));
    const page = await engine.messages(id, { limit: 4, after: await idOf(engine, id, "w2") });
    assert.deepEqual(
      page.messages.map(({ depth }) => depth),
      [3, 4, 5, 6],
    );
    const left = await idOf(engine, id, "w7", "main~1");
    await refuses("message_not_found", () => engine.messages(id, { before: left }), "before");
    const kept = await engine.messages(id, { branch: "main~1", before: left, limit: 2 });
    assert.deepEqual(
      kept.messages.map(({ depth }) => depth),
      [5, 6],
    );
    assert.equal(kept.total, 10);
  }),

  engineCase("limits of pages are checked", async (engine) => {
    const id = await talk(engine, "q");
    for (const limit of [0, -1, 201, 1.5, Number.NaN]) {
      await refuses("invalid_request", () => engine.messages(id, { limit }), "limit");
      await refuses("invalid_request", () => engine.list({ limit }), "limit");
      await refuses("invalid_request", () => engine.runs(id, { limit }), "limit");
      for (const search of ifSearched(engine, () => engine.search({ text: "q", limit })))
        await refuses("invalid_request", search, "limit");
    }
    await refuses("invalid_request", () => engine.list({ offset: -1 }), "offset");
    await refuses("message_not_found", () => engine.messages(id, { after: "nobody" }), "after");
    await refuses("message_not_found", () => engine.message(id, "nobody"), "message_id");
    await refuses("invalid_id", () => engine.get("not an id"), "thread_id");
  }),

  engineCase("filters that no thread can pass are refused", async (engine) => {
    await refuses("invalid_text", () => engine.list({ agentId: "a\0b" }), "agent_id");
    await refuses("invalid_text", () => engine.list({ owner: "a\0b" }), "user_id");
  }),

  engineCase("waiting messages are read last, and one can read on from them", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const run = await startRun(engine, id, "q2");
    const first = await engine.append(id, { messages: [user("w1")] });
    await engine.append(id, { messages: [user("w2")] });
    const waiting = existing(first.messages[0]).id;
    const page = await engine.messages(id, { limit: 4 });
    assert.deepEqual(
      page.messages.map(({ status }) => status),
      ["completed", "completed", "queued", "queued"],
    );
    assert.deepEqual([page.total, page.hasOlder, page.hasNewer], [3, true, false]);
    const next = await engine.messages(id, { after: waiting });
    assert.deepEqual(
      next.messages.map(({ status }) => status),
      ["queued"],
    );
    const older = await engine.messages(id, { before: waiting, limit: 1 });
    assert.deepEqual([older.messages.length, older.messages[0]?.depth], [1, 2]);
    assert.equal((await engine.message(id, waiting)).status, "queued");
    await finish(engine, run);
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "answer", "w1", "w2"]);
  }),

  engineCase("a page never has more than its limit, whatever waits", async (engine) => {
    const id = await talk(engine, "m0", "m1");
    const run = await startRun(engine, id, "m2");
    for (const said of ["m3", "m4", "m5"]) await say(engine, id, said);
    const expected = ["m0", "m1", "m2", "m3", "m4", "m5"];
    for (const limit of [1, 2, 3, 4, 5, 6, 7]) {
      const pages: { readonly back: string[]; readonly forth: string[] } = { back: [], forth: [] };
      let before: string | undefined;
      for (let isMore = true; isMore;) {
        const page = await engine.messages(id, { limit, ...(before && { before }) });
        assert.ok(page.messages.length <= limit);
        assert.equal(page.hasNewer, before !== undefined);
        pages.back.unshift(...page.messages.map(({ parts }) => textOf(parts)));
        [isMore, before] = [page.hasOlder, existing(page.messages[0]).id];
      }
      assert.deepEqual(pages.back, expected);
      let after = await idOf(engine, id, "m0");
      for (let isMore = true; isMore;) {
        const page = await engine.messages(id, { limit, after });
        assert.ok(page.messages.length <= limit && page.hasOlder);
        pages.forth.push(...page.messages.map(({ parts }) => textOf(parts)));
        [isMore, after] = [page.hasNewer, existing(page.messages.at(-1)).id];
      }
      assert.deepEqual(pages.forth, expected.slice(1));
    }
    const last = await idOf(engine, id, "m5");
    const none = await engine.messages(id, { after: last });
    assert.deepEqual([none.messages, none.hasOlder, none.hasNewer], [[], true, false]);
    const between = { after: await idOf(engine, id, "m1"), before: last };
    assert.deepEqual(
      (await engine.messages(id, between)).messages.map(({ parts }) => textOf(parts)),
      ["m2", "m3", "m4"],
    );
    await finish(engine, run);
  }),

  engineCase("stats count exactly", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    await finish(engine, await startRun(engine, id, "q2"));
    const { run } = await engine.append(id, { messages: [user("q3")], run: {} });
    await engine.cancelRun(id, existing(run).id);
    await engine.update(id, { metadata: { k: 1 } });
    await engine.truncate(id, await idOf(engine, id, "q1"));
    const { createdAt, ...stats } = await engine.stats(id);
    assert.equal(createdAt, (await engine.get(id)).createdAt);
    assert.deepEqual(stats, {
      threadId: id,
      messageCount: 1,
      messagesTotal: 5,
      runCount: 2,
      lastRun: await engine.run(id, existing(run).id),
      runsByStatus: { completed: 1, cancelled: 1 },
      metadata: { k: 1 },
      usage: { inputTokens: 10, outputTokens: 5 },
      cost: { nanoDollars: 7, unpricedCalls: 0 },
    });
  }),

  searchCase("search finds titles, words and tool output, and cuts a snippet", async (engine) => {
    const id = await talk(engine, "the quick brown fox", "jumps over the lazy dog");
    await engine.rename(id, "Pangrams");
    const call = { type: "tool-call", callId: "c", name: "look", inputText: "{}" } as const;
    const output = { type: "text", text: "a zebra in the results" } as const;
    await engine.append(id, {
      messages: [
        { role: "assistant", content: [call] },
        {
          role: "tool",
          content: [{ type: "tool-result", callId: "c", name: "look", outcome: "ok", output }],
        },
      ],
    });
    const found = async (text: string): Promise<readonly (string | null)[]> =>
      (await engine.search({ text })).items.map(({ role }) => role);
    assert.deepEqual(await found("pangrams"), [null]);
    assert.deepEqual(await found('"brown fox"'), ["user"]);
    assert.deepEqual(await found("zebra"), ["tool"]);
    assert.deepEqual(await found("lazy -dog"), []);
    assert.deepEqual(await found("nowhere"), []);
    const { items, indexLag } = await engine.search({ text: "lazy", threadId: id });
    assert.ok(items[0]?.snippet.includes("lazy"));
    assert.equal(indexLag, 0);
    for (const text of ["", "  ", "x".repeat(1_001)])
      await refuses("invalid_request", () => engine.search({ text }), "q");
  }),

  searchCase("search goes on behind a cursor", async (engine) => {
    const id = await talk(engine);
    for (const n of numbers(7)) await engine.append(id, { messages: [user(`apple number ${n}`)] });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await engine.search({
        text: "apple",
        threadId: id,
        limit: 3,
        order: "recent",
        ...(cursor && { cursor }),
      });
      seen.push(...page.items.flatMap(({ messageId }) => messageId ?? []));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.equal(new Set(seen).size, 7);
    assert.equal(seen.length, 7);
  }),

  {
    name: "threads that are asked for at the same moment are read together",
    run: async ({ openEngine }) => {
      const reads: number[] = [];
      const engine = await openEngine((store) => counting(store, reads));
      const ids = await Promise.all(numbers(5).map(async () => (await engine.create()).thread.id));
      const [a, b, c, d, e] = ids;
      const asked = await Promise.all([
        engine.getMany([existing(a), existing(b)]),
        engine.getMany([existing(b), existing(c), "th_nobody"]),
        engine.getMany([existing(d)]),
        engine.getMany([existing(e)], { userId: "bob" }),
      ]);
      assert.deepEqual(new Set(reads), new Set([1, 5]));
      assert.equal(reads.length, 2);
      assert.deepEqual(
        asked.map((threads) => threads.map((thread) => thread?.id ?? null)),
        [[a, b], [b, c, null], [d], [null]],
      );
      // Nothing is remembered: the next call sees what was written since.
      await engine.rename(existing(a), "new");
      assert.equal((await engine.getMany([existing(a)]))[0]?.title, "new");
      assert.equal(reads.length, 3);
      await refuses(
        "limit_exceeded",
        () => engine.getMany(numbers(201).map((n) => `t${n}`)),
        "ids",
      );
      await refuses("invalid_id", () => engine.getMany(["a b"]), "ids");
    },
  },

  engineCase("annotations are merged into a message, and change nothing else", async (engine) => {
    const id = await talk(engine, "q1");
    const messageId = await idOf(engine, id, "q1");
    const before = await engine.message(id, messageId);
    await engine.annotate(id, messageId, { stars: 5, by: { a: 1 } });
    const after = await engine.annotate(id, messageId, { stars: null, by: { b: 2 } });
    assert.deepEqual(after, { ...before, metadata: { by: { a: 1, b: 2 } } });
    await refuses("message_not_found", () => engine.annotate(id, "nobody", {}), "message_id");
    await refuses("metadata_too_large", () =>
      engine.annotate(id, messageId, { x: "y".repeat(20_000) }),
    );
  }),

  engineCase(
    "a blob is read by who uploaded it, and by who may read a message with it",
    async (engine) => {
      const bytes = new TextEncoder().encode("a picture");
      const alice = { userId: "alice" };
      const info = await engine.putBlob(bytes, "image/png", alice);
      assert.deepEqual([info.sizeBytes, info.mediaType, info.sha256.length], [9, "image/png", 64]);
      const read = await engine.getBlob(info.sha256, alice);
      assert.deepEqual(read.info, info);
      assert.deepEqual([...read.bytes], [...bytes]);
      await refuses("blob_not_found", () => engine.getBlob(info.sha256, { userId: "bob" }));
      const { sha256, sizeBytes } = info;
      const file = {
        type: "file",
        mediaType: "image/png",
        source: { kind: "blob", sha256, sizeBytes },
      } as const;
      const { thread } = await engine.create(
        { members: { bob: "viewer" }, messages: [{ content: [file] }] },
        alice,
      );
      await engine.getBlob(sha256, { userId: "bob" });
      await refuses("blob_not_found", () => engine.getBlob(sha256, { userId: "carol" }));
      const { thread: other } = await engine.create({ messages: [user("x")] }, { userId: "carol" });
      const carol = { userId: "carol" };
      const asCarol = (): Promise<unknown> =>
        engine.append(other.id, { messages: [{ content: [file] }] }, carol);
      await refuses("blob_not_found", asCarol);
      const messageId = await idOf(engine, other.id, "x");
      await refuses("blob_not_found", () =>
        engine.edit(other.id, messageId, { content: [file] }, carol),
      );
      await engine.removeMember(thread.id, "bob", alice);
      await refuses("blob_not_found", () => engine.getBlob(sha256, { userId: "bob" }));
      await refuses("invalid_id", () => engine.getBlob("../../etc"), "sha256");
      await refuses("blob_not_found", () => engine.getBlob("0".repeat(64)));
    },
  ),
];

/** The store, noting how many threads each read of several asks for. */
function counting(store: Store, reads: number[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: readonly unknown[]): unknown => {
        if (name === "loadThreads" && Array.isArray(given[1])) reads.push(given[1].length);
        return Reflect.apply(value, target, given);
      };
    },
  });
}
