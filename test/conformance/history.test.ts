import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, test } from "vitest";
import { apply, replay } from "../../src/model/apply.ts";
import type { Command } from "../../src/model/command.ts";
import { needs } from "../../src/model/decide/needs.ts";
import type { Facts, MessageFact } from "../../src/model/facts.ts";
import { histories } from "../../src/model/history.test-support.ts";
import { isInstruction } from "../../src/model/message.ts";
import { play } from "../../src/model/play.test-support.ts";
import type { Trace } from "../../src/model/play.test-support.ts";
import { DEFAULT_TENANT } from "../../src/model/principal.ts";
import { messagesOn, oldestVersion } from "../../src/model/thread.ts";
import type { BranchHead, ThreadHead } from "../../src/model/thread.ts";
import type { Step } from "../../src/model/world.test-support.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store, ThreadKey, ThreadWrite } from "../../src/store/store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { redisUrl } from "../support/servers/servers.ts";

const EVERYBODY = { tenant: DEFAULT_TENANT, user: null } as const;
const WHOLE_PATH = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER } as const;

const folder = mkdtempSync(join(tmpdir(), "skein-history-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let places = 0;
const newPlace = (): string => join(folder, String((places += 1)));

testHistories("sqlite", () => sqliteStore({ path: newPlace(), synchronous: "NORMAL" }), 60);
testHistories("file", () => fileStore({ path: newPlace() }), 20);

await describeServer("redis", "histories on Redis", async () => {
  const url = new URL(await redisUrl());
  const prefix = url.searchParams.get("prefix") ?? "";
  const open = (): Store => {
    // One database for all of them.
    url.searchParams.set("prefix", `${prefix}${(places += 1)}-`);
    return redisStore(url.href);
  };
  testHistories("redis", open, 20);
});

/** Compares a store with the reference implementation, in so many histories. */
function testHistories(name: string, open: () => Store, numRuns: number): void {
  /** Two of each, closed afterwards. */
  const withStores = async (
    work: (reference: readonly [Store, Store], tested: readonly [Store, Store]) => Promise<void>,
  ): Promise<void> => {
    const reference = [memoryStore(), memoryStore()] as const;
    const tested = [open(), open()] as const;
    try {
      await work(reference, tested);
    } finally {
      for (const store of [...reference, ...tested]) await store.close();
    }
  };

  describe(`the ${name} store`, { timeout: 120_000 }, () => {
    test("tells the same as the one in memory whatever happens, and its log replays to its heads", async () => {
      const told = fc.asyncProperty(histories, async (history) => {
        const trace = play(history);
        await withStores(async ([reference], [store]) => {
          for (const step of trace.steps) await carryOut([reference, store], step);
          assert.deepEqual(await tell(store, trace), await tell(reference, trace));
          for (const each of [reference, store]) await provesSound(each, trace);
        });
      });
      await fc.assert(told, { numRuns });
    });

    test("takes no write that was decided on an older head", async () => {
      const refused = fc.asyncProperty(histories, fc.nat(), async (history, pick) => {
        const writes = play(history).steps.flatMap((step) => writeOf(step) ?? []);
        const late = writes[pick % writes.length];
        if (late === undefined || writes.at(-1) === late) return;
        await withStores(async ([reference], [tested]) => {
          for (const store of [reference, tested]) {
            for (const write of writes) await store.commit([[{ writes: [write] }]]);
            const before = await store.loadHeads([late.key]);
            assert.deepEqual(await store.commit([[{ writes: [late] }]]), [["stale"]]);
            assert.deepEqual(await store.loadHeads([late.key]), before);
          }
        });
      });
      await fc.assert(refused, { numRuns: Math.ceil(numRuns / 4) });
    });

    test("tells the same of threads, trimmed ones too, that are brought to it or from it", async () => {
      const brought = fc.asyncProperty(histories, async (history) => {
        const trace = play(history);
        await withStores(async ([reference, fromTested], [tested, fromReference]) => {
          for (const step of trace.steps) await carryOut([reference, tested], step);
          for (const [store, copy] of [
            [reference, fromReference],
            [tested, fromTested],
          ] as const) {
            for (const { id } of trace.world.logs) await bring(store, copy, keyOf(id));
            assert.deepEqual(await tellTree(copy, trace), await tellTree(store, trace));
            await provesSound(copy, trace);
          }
        });
      });
      await fc.assert(brought, { numRuns: Math.ceil(numRuns / 2) });
    });
  });
}

/** Copies a thread, as whoever moves threads from one store to another does it. */
async function bring(from: Store, to: Store, key: ThreadKey): Promise<void> {
  const kept = await from.listKept(key, 0, 10_000);
  let before: ThreadHead | null = null;
  for (const entry of await from.listEntries(key, 0, 10_000)) {
    const after = apply(before, entry);
    const common = { key, entries: [entry], after, givenIds: [] };
    const write: ThreadWrite =
      before === null
        ? { ...common, base: 0, before, kept }
        : { ...common, base: before.version, before };
    assert.deepEqual(await to.commit([[{ writes: [write] }]]), [["committed"]]);
    before = after;
  }
}

/** Commits what the step wrote, after proving that the stores know what it was decided with. */
async function carryOut(stores: readonly Store[], step: Step): Promise<void> {
  const needed = needs(step.command, step.before);
  const messages = needed.filter(({ kind }) => kind === "message");
  for (const store of stores) {
    const facts = await store.loadFacts(keyOf(step.log.id), messages);
    assert.deepEqual(factsOf(facts, step.before), factsOf(step.facts, step.before));
    const write = writeOf(step);
    if (write !== undefined)
      assert.deepEqual(await store.commit([[{ writes: [write] }]]), [["committed"]]);
  }
}

function writeOf({ log, command, before, after, entries }: Step): ThreadWrite | undefined {
  if (after === null || entries.length === 0) return undefined;
  const base = before?.version ?? 0;
  return { key: keyOf(log.id), base, entries, before, after, givenIds: givenIdsOf(command) };
}

function givenIdsOf(command: Command): readonly string[] {
  if (command.type === "batch") return command.commands.flatMap(givenIdsOf);
  const messages = command.type === "append" ? command.messages : [];
  return messages.filter(({ isGivenId }) => isGivenId === true).map(({ id }) => id);
}

function keyOf(id: string): ThreadKey {
  return { tenant: DEFAULT_TENANT, id };
}

/** What decisions depend on: times of previews are for display. */
function factsOf({ messages }: Facts, head: ThreadHead | null): readonly unknown[] {
  const deepest = Math.max(0, ...(head?.profile.trim?.floors ?? []).map(({ depth }) => depth));
  return Object.entries(messages).map(([id, fact]) => {
    if (fact === null) return [id, null];
    const { place, role, floor } = fact;
    const isKeptAlone =
      isInstruction(role) && floor === undefined && place !== null && place.depth < deepest;
    // What is left above it is not the same everywhere: a fork may have it.
    const told = isKeptAlone ? { ...fact, parent: null, lastMessage: null } : fact;
    return [id, comparable(told)];
  });
}

function comparable({ place, parent, lastMessage, ...fact }: MessageFact): unknown {
  return {
    ...fact,
    lastMessage: lastMessage?.text,
    place: place && {
      segment: place.segment,
      position: place.position,
      parentId: place.parentId,
      depth: place.depth,
      turnId: place.turnId,
      pending: place.pending,
    },
    parent: parent && {
      segment: parent.segment,
      position: parent.position,
      turnId: parent.turnId,
      lastMessage: parent.lastMessage?.text,
    },
  };
}

interface Told {
  readonly threads: readonly {
    readonly head: ThreadHead | null;
    readonly runs: readonly unknown[];
    readonly steps: readonly unknown[];
    readonly entries: readonly unknown[];
    readonly messages: readonly unknown[];
    readonly paths: readonly unknown[];
  }[];
  readonly listed: unknown;
  readonly runnable: Awaited<ReturnType<Store["listRunnableRuns"]>>;
}

/** All that a store tells about the threads of a trace. */
async function tell(store: Store, { world }: Trace): Promise<Told> {
  const ids = [...world.nodes.keys()];
  const threads = world.logs.map(async ({ id }) => {
    const key = keyOf(id);
    const [head = null] = await store.loadHeads([key]);
    const runs = await store.listRuns(key, { limit: 1_000 });
    return {
      head,
      runs,
      entries: await store.listEntries(key, 0, 10_000),
      messages: await store.loadMessages(key, ids),
      paths: await Promise.all(
        branchesOf(head).map((branch) => store.readPath(DEFAULT_TENANT, branch, WHOLE_PATH)),
      ),
      steps: await Promise.all(runs.map((run) => store.listSteps(key, run.id))),
    };
  });
  return {
    threads: await Promise.all(threads),
    listed: await store.listThreads(EVERYBODY, { limit: 1_000 }),
    runnable: await store.listRunnableRuns(),
  };
}

/** What is told of threads but for their runs, which a log that was trimmed does not know any more. */
async function tellTree(store: Store, trace: Trace): Promise<unknown> {
  const { threads, runnable } = await tell(store, trace);
  const trees = threads.map(({ runs: _runs, steps: _steps, head, ...tree }) => ({
    ...tree,
    head: withoutPreviews(head),
  }));
  // Stores may know the order of runs by that of their writing.
  return { trees, runnable: runnable.toSorted((a, b) => (a.run.id < b.run.id ? -1 : 1)) };
}

function branchesOf(head: ThreadHead | null): readonly BranchHead[] {
  return Object.values(head?.branches ?? {}).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function provesSound(store: Store, { world }: Trace): Promise<void> {
  for (const { id } of world.logs) {
    const [head = null] = await store.loadHeads([keyOf(id)]);
    const entries = await store.listEntries(keyOf(id), 0, 10_000);
    assert.deepEqual(
      entries.map(({ version }) => version),
      entries.map((_, index) => (head === null ? 1 : oldestVersion(head)) + index),
    );
    assert.deepEqual(withoutPreviews(replay(entries)), withoutPreviews(head));
    for (const branch of branchesOf(head)) {
      const path = await store.readPath(DEFAULT_TENANT, branch, WHOLE_PATH);
      assert.equal(path.length, messagesOn(branch));
      assert.equal(path.at(-1)?.id ?? null, branch.messageId);
    }
  }
  assert.deepEqual((await store.check({ repair: false })).problems, []);
}

// A redacted log cannot say what was once the last text.
function withoutPreviews(head: ThreadHead | null): unknown {
  if (head === null) return null;
  const { lastMessage: _lastMessage, queued, ...activity } = head.activity;
  return { ...head, activity, queued: queued.map(({ messageId }) => messageId) };
}
