import assert from "node:assert/strict";
import type { CallOptions, Engine } from "../../../src/engine/engine.ts";
import type { RelatedInput, ThreadEdge } from "../../../src/engine/relations/relation-calls.ts";
import { engineCase, existing, numbers, refuses, talk, user } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";
import { SEVERAL_THREADS } from "../../../src/store/conformance/conformance-case.ts";
import type { Store } from "../../../src/store/store.ts";

const ALICE: CallOptions = { userId: "alice" };
const BOB: CallOptions = { userId: "bob" };

export const RELATION_CASES: readonly EngineCase[] = [
  engineCase("linked threads name one another, in both logs", async (engine) => {
    await make(engine, "a", "b");
    await engine.link("a", { kind: "summary", threadId: "b", data: { topic: "x" } });
    const edge = { from: "a", to: "b", kind: "summary", data: { topic: "x" } };
    for (const id of ["a", "b"]) assert.deepEqual((await engine.related(id)).edges, [edge]);
    const [ofA, ofB] = await Promise.all(["a", "b"].map((id) => engine.log(id, { after: 1 })));
    assert.deepEqual(
      [...existing(ofA), ...existing(ofB)].map(({ op, data }) => ({ op, data })),
      [
        { op: "link.add", data: { kind: "summary", threadId: "b", data: { topic: "x" } } },
        { op: "link.add", data: { kind: "summary-of", threadId: "a", data: { topic: "x" } } },
      ],
    );
    assert.equal(existing(ofA)[0]?.opId, existing(ofB)[0]?.opId);
    await engine.link("b", { kind: "summary-of", threadId: "a" });
    assert.equal((await engine.get("a")).version, 2);
    assert.equal((await engine.get("b")).version, 2);
  }),

  {
    name: "both sides of a link are one item of one commit",
    requires: SEVERAL_THREADS,
    run: async ({ openEngine }) => {
      const items: number[] = [];
      const engine = await openEngine((store) =>
        instead(store, {
          commitExclusive: (keys, decide) =>
            store.commitExclusive(keys, (heads) => {
              const chains = decide(heads);
              items.push(...chains.flatMap((chain) => chain.map(({ writes }) => writes.length)));
              return chains;
            }),
        }),
      );
      await make(engine, "a", "b");
      await engine.link("a", { kind: "related", threadId: "b" });
      await engine.createSummaryThread("a", "Short.");
      await engine.continueThread("a");
      await engine.unlink("b", { kind: "related", threadId: "a" });
      assert.deepEqual(items, [2, 2, 2, 2]);
    },
  },

  engineCase("every kind has another side, also those of the caller's own", async (engine) => {
    const sides = [
      ["sub-agent-of", "b", "a", "sub-agent"],
      ["continues", "b", "a", "continuation"],
      ["mention", "a", "b", "mention"],
      ["mentioned-by", "b", "a", "mention"],
      ["related", "a", "b", "related"],
      ["blocker", "a", "b", "blocker"],
      ["blocker-of", "b", "a", "blocker"],
    ] as const;
    for (const [index, [kind, from, to, shown]] of sides.entries()) {
      const [a, b] = [`a${index}`, `b${index}`];
      await make(engine, a, b);
      await engine.link(a, { kind, threadId: b });
      const edge = { from: `${from}${index}`, to: `${to}${index}`, kind: shown };
      assert.deepEqual((await engine.related(b)).edges, [edge]);
    }
  }),

  engineCase("a link is taken away from either side, and from both", async (engine) => {
    await make(engine, "a", "b");
    await engine.link("a", { kind: "related", threadId: "b" });
    await engine.link("a", { kind: "mention", threadId: "b" });
    await engine.unlink("b", { kind: "mentioned-by", threadId: "a" });
    const edge = { from: "a", to: "b", kind: "related" };
    for (const id of ["a", "b"]) assert.deepEqual((await engine.related(id)).edges, [edge]);
    await engine.unlink("a", { kind: "related", threadId: "b" });
    for (const id of ["a", "b"]) assert.deepEqual((await engine.related(id)).edges, []);
    const { version } = await engine.get("a");
    assert.equal((await engine.unlink("a", { kind: "related", threadId: "b" })).version, version);
  }),

  engineCase("who may not write to both threads links nothing", async (engine) => {
    await make(engine, "mine");
    await engine.create({ id: "theirs", members: { bob: "viewer" } }, ALICE);
    await engine.create({ id: "bobs" }, BOB);
    const link = { kind: "related", threadId: "theirs" };
    await refuses("forbidden", () => engine.link("bobs", link, BOB));
    await refuses("forbidden", () => engine.unlink("bobs", link, BOB));
    await refuses("thread_not_found", () =>
      engine.link("bobs", { ...link, threadId: "mine" }, BOB),
    );
    await refuses("thread_not_found", () =>
      engine.link("bobs", { ...link, threadId: "none" }, BOB),
    );
    await refuses("forbidden", () =>
      engine.link("theirs", { kind: "related", threadId: "bobs" }, BOB),
    );
    await engine.delete("mine");
    await refuses("thread_deleted", () => engine.link("theirs", { ...link, threadId: "mine" }));
    for (const id of ["theirs", "bobs"]) assert.equal((await engine.get(id)).version, 1);
  }),

  engineCase("a link that makes no sense is refused", async (engine) => {
    await make(engine, "a", "b");
    const linked = (input: object) => () =>
      engine.link("a", { kind: "related", threadId: "b", ...input });
    await refuses("invalid_request", linked({ threadId: "a" }), "thread_id");
    await refuses("invalid_id", linked({ threadId: "not an id" }), "thread_id");
    await refuses("invalid_id", linked({ kind: "two words" }), "kind");
    await refuses("invalid_id", linked({ kind: "k".repeat(128) }), "kind");
    await refuses("invalid_request", linked({ kind: "fork" }), "kind");
    await refuses("invalid_request", linked({ kind: "fork-of" }), "kind");
    await refuses("limit_exceeded", linked({ data: { long: "x".repeat(5_000) } }), "data");
    assert.equal((await engine.get("a")).version, 1);
  }),

  engineCase("no thread becomes an ancestor of itself", async (engine) => {
    await make(engine, "a", "b", "c");
    await engine.link("a", { kind: "sub-agent", threadId: "b" });
    await engine.link("b", { kind: "summary", threadId: "c" });
    const fork = await engine.fork("c");
    const circle = { kind: "continuation", threadId: "a" };
    await refuses("link_cycle", () => engine.link("b", circle), "thread_id");
    await refuses("link_cycle", () => engine.link("c", circle), "thread_id");
    await refuses("link_cycle", () => engine.link(fork.id, circle), "thread_id");
    await refuses("link_cycle", () => engine.link("a", { kind: "continues", threadId: fork.id }));
    // What says nothing of where a thread comes from may go in circles.
    await engine.link("c", { kind: "mention", threadId: "a" });
    await engine.link("a", { kind: "mention", threadId: "c" });
  }),

  {
    name: "links that would close a circle together are not both made",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      const beside = engine.store.capabilities.multiProcess ? await openBeside(engine) : engine;
      await make(engine, "a", "b", "c", "d", "e");
      const kind = "summary";
      const made = await Promise.allSettled([
        engine.link("a", { kind, threadId: "b" }),
        beside.link("b", { kind, threadId: "c" }),
        engine.link("c", { kind, threadId: "a" }),
        beside.link("d", { kind, threadId: "e" }),
        engine.link("e", { kind, threadId: "d" }),
      ]);
      for (const result of made)
        if (result.status === "rejected")
          await refuses("link_cycle", () => Promise.reject(result.reason));
      // Any two of the three make no circle, and either of the other two.
      assert.equal((await engine.related("a")).edges.length, 2);
      assert.equal((await engine.related("d")).edges.length, 1);
    },
  },

  engineCase("a purge takes its links out of the other threads", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const summary = await engine.createSummaryThread(id, "Short.");
    const next = await engine.continueThread(id, { summary: "Short." });
    await make(engine, "friend");
    await engine.link("friend", { kind: "related", threadId: id });
    await engine.delete(summary.id, { purge: true });
    const told = await engine.get(id);
    assert.deepEqual(told.metadata["summaryThreads"], []);
    await engine.delete(id, { purge: true });
    for (const other of [next.id, "friend"])
      assert.deepEqual((await engine.related(other)).edges, []);
    assert.equal((await engine.get(next.id)).metadata["previous_thread"], undefined);
    const ops = (await engine.log("friend")).map(({ op, actor }) => [op, actor]);
    assert.deepEqual(ops.at(-1), ["link.remove", "system"]);
  }),

  engineCase("a deleted thread is no relative until it is undeleted", async (engine) => {
    await make(engine, "a", "b", "c");
    await engine.link("a", { kind: "summary", threadId: "b" });
    await engine.link("b", { kind: "summary", threadId: "c" });
    await engine.delete("b");
    assert.deepEqual(await walk(engine, "a"), ["a"]);
    await refuses("thread_deleted", () => engine.related("b"));
    await engine.unlink("c", { kind: "summary-of", threadId: "b" });
    await engine.undelete("b");
    assert.deepEqual(await walk(engine, "a"), ["a", "b"]);
  }),

  engineCase("relatives are walked by kind, as deep and as many as asked for", async (engine) => {
    await make(engine, "root", "s1", "s2", "task", "deep");
    await engine.link("root", { kind: "summary", threadId: "s1" });
    await engine.link("root", { kind: "summary", threadId: "s2" });
    await engine.link("root", { kind: "sub-agent", threadId: "task" });
    await engine.link("task", { kind: "summary", threadId: "deep" });
    const fork = await engine.fork("deep", { id: "fork" });
    assert.deepEqual(await walk(engine, "root"), ["deep", "fork", "root", "s1", "s2", "task"]);
    assert.deepEqual(await walk(engine, fork.id), ["deep", "fork", "root", "s1", "s2", "task"]);
    assert.deepEqual(await walk(engine, "root", { depth: 2 }), [
      "deep",
      "root",
      "s1",
      "s2",
      "task",
    ]);
    assert.deepEqual(await walk(engine, "root", { kinds: ["summary"] }), ["root", "s1", "s2"]);
    assert.deepEqual(await walk(engine, "fork", { kinds: ["fork-of", "summary-of"] }), [
      "deep",
      "fork",
      "task",
    ]);
    const few = await engine.related("root", { limit: 3 });
    assert.deepEqual([few.threads.length, few.isComplete], [3, false]);
    assert.equal((await engine.related("root", { limit: 6 })).isComplete, true);
    await refuses("invalid_request", () => engine.related("root", { depth: 0 }), "depth");
    await refuses("invalid_request", () => engine.related("root", { limit: 1_001 }), "limit");
  }),

  engineCase("what the caller may not see is no relative, and leads nowhere", async (engine) => {
    await engine.create({ id: "a", members: { bob: "editor" } }, ALICE);
    await engine.create({ id: "hidden" }, ALICE);
    await engine.create({ id: "b", members: { bob: "viewer" } }, ALICE);
    await engine.link("a", { kind: "sub-agent", threadId: "hidden" }, ALICE);
    await engine.link("hidden", { kind: "sub-agent", threadId: "b" }, ALICE);
    await engine.link("a", { kind: "mention", threadId: "b" }, ALICE);
    assert.deepEqual(await walk(engine, "a", {}, ALICE), ["a", "b", "hidden"]);
    const seen = await engine.related("a", {}, BOB);
    assert.deepEqual(edgesOf(seen.edges), ["a mention b"]);
    assert.deepEqual(seen.threads.map(({ id }) => id).toSorted(), ["a", "b"]);
    await refuses("thread_not_found", () => engine.related("hidden", {}, BOB));
  }),

  engineCase("forks are found from their origin, whose log they leave alone", async (engine) => {
    await engine.create({ id: "o", members: { bob: "viewer" }, messages: [user("q1")] }, ALICE);
    const { version } = await engine.get("o");
    const mine = await engine.fork("o", { id: "mine" }, ALICE);
    const bobs = await engine.fork("o", { id: "bobs" }, BOB);
    assert.equal((await engine.get("o")).version, version);
    assert.deepEqual(await walk(engine, "o", {}, ALICE), [mine.id, "o"]);
    assert.deepEqual(await walk(engine, "o", {}, BOB), [bobs.id, "o"]);
    assert.deepEqual(edgesOf((await engine.related("o")).edges), ["o fork mine", "o fork bobs"]);
    await refuses("invalid_request", () =>
      engine.unlink("mine", { kind: "fork-of", threadId: "o" }, ALICE),
    );
    await engine.delete("mine", { ...ALICE, purge: true });
    assert.deepEqual(await walk(engine, "o"), ["bobs", "o"]);
  }),

  {
    name: "one read is made for each step away from a thread",
    run: async ({ openEngine }) => {
      const reads: number[] = [];
      const engine = await openEngine((store) =>
        instead(store, {
          loadRelatives: (who, query) => {
            reads.push(query.ids.length);
            return store.loadRelatives(who, query);
          },
        }),
      );
      const wide = numbers(4).map((number) => `t${number}`);
      await make(engine, "root", ...wide, "far");
      for (const id of wide) await engine.link("root", { kind: "summary", threadId: id });
      for (const id of wide) await engine.link(id, { kind: "mention", threadId: "far" });
      await engine.related("root", { depth: 2 });
      assert.deepEqual(reads, [4, 1]);
    },
  },
];

/** A store that does some things otherwise. */
function instead(store: Store, changed: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in changed ? changed : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function make(engine: Engine, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await engine.create({ id });
}

/** Ids of the relatives, sorted. */
async function walk(
  engine: Engine,
  id: string,
  input: RelatedInput = {},
  options: CallOptions = {},
): Promise<readonly string[]> {
  const { threads } = await engine.related(id, input, options);
  return threads.map((thread) => thread.id).toSorted();
}

function edgesOf(edges: readonly ThreadEdge[]): readonly string[] {
  return edges.map(({ from, kind, to }) => `${from} ${kind} ${to}`);
}
