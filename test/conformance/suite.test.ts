import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/model/entry.ts";
import type { Message } from "../../src/model/message.ts";
import type { Reader } from "../../src/store/key.ts";
import { DEFAULT_CAPABILITIES } from "../../src/store/capability.ts";
import { skipReason, storeConformance } from "../../src/store/conformance/store-conformance.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Chain, Store } from "../../src/store/store.ts";

/** What a store may do wrong, as a change of one that does everything right. */
const FAULTS: Readonly<Record<string, (store: Store) => Partial<Store>>> = {
  "says committed when it was stale": (store) => ({
    commit: async (chains) =>
      (await store.commit(chains)).map((results) => results.map(() => "committed" as const)),
  }),
  "goes on with a chain behind a stale item": (store) => ({
    commit: async (chains) => {
      const flat = await store.commit(chains.flatMap((chain) => chain.map((item) => [item])));
      const results = flat.flat().values();
      return chains.map((chain) => chain.map(() => results.next().value ?? "stale"));
    },
  }),
  "stops all chains at the first stale item": (store) => ({
    commit: async (chains) => {
      const [results = []] = await store.commit([chains.flat()]);
      const rest = results.values();
      return chains.map((chain) => chain.map(() => rest.next().value ?? "stale"));
    },
  }),
  "commits the threads of an item one by one": (store) => ({
    commit: async (chains) =>
      Promise.all(
        chains.map(async (chain) => {
          const results = await store.commit(
            chain.flatMap(({ writes }) => writes.map((write) => [{ writes: [write] }])),
          );
          const isStale = results.flat().includes("stale");
          return chain.map(() => (isStale ? "stale" : "committed"));
        }),
      ),
  }),
  "does not check given ids": (store) => ({
    commit: (chains) => store.commit(changeWrites(chains, { givenIds: [] })),
  }),
  "forgets operations": (store) => ({
    commit: (chains) => store.commit(withoutOperations(chains)),
  }),
  "gives no heads to an exclusive decision": (store) => ({
    commitExclusive: (keys, decide) =>
      store.commitExclusive(keys, () => decide(keys.map(() => null))),
  }),
  "loads threads for anybody": (store) => ({
    loadThread: (who, ...rest) => store.loadThread(anybody(who), ...rest),
  }),
  "loads several threads for anybody": (store) => ({
    loadThreads: (who, ids) => store.loadThreads(anybody(who), ids),
  }),
  "says unchanged to strangers": (store) => ({
    loadThread: async (who, id, known) =>
      (await store.loadThread(anybody(who), id, known)) === "unchanged"
        ? "unchanged"
        : store.loadThread(who, id, known),
  }),
  "never says unchanged": (store) => ({
    loadThread: (who, id) => store.loadThread(who, id),
  }),
  "lists threads for anybody": (store) => ({
    listThreads: (who, query) => store.listThreads(anybody(who), query),
  }),
  "lists the oldest threads first": (store) => ({
    listThreads: async (who, query) => {
      const page = await store.listThreads(who, query);
      return { ...page, threads: page.threads.toReversed() };
    },
  }),
  "promises another page of threads where there is none": (store) => ({
    listThreads: async (who, query) => {
      const page = await store.listThreads(who, query);
      const last = page.threads.at(-1);
      return { ...page, ...(last && { next: { updatedAt: last.updatedAt, id: last.id } }) };
    },
  }),
  "ignores an offset": (store) => ({
    listThreads: (who, { offset: _offset, ...query }) => store.listThreads(who, query),
  }),
  "reads paths for the lesser depth only": (store) => ({
    readPath: (tenant, end, range) =>
      store.readPath(tenant, end, { ...range, maxDepth: range.maxDepth - 1 }),
  }),
  "limits a path before it looks at roles": (store) => ({
    readPath: async (tenant, end, { roles, ...range }) =>
      (await store.readPath(tenant, end, range)).filter(
        ({ role }) => roles === undefined || roles.includes(role),
      ),
  }),
  "reads paths in one order only": (store) => ({
    readPath: (tenant, end, { order: _order, ...range }) => store.readPath(tenant, end, range),
  }),
  "loads a thread's own messages only": (store) => ({
    loadMessages: async (key, ids) =>
      (await store.loadMessages(key, ids)).map((message) =>
        message?.threadId === key.id ? message : null,
      ),
  }),
  "lists the entry that was seen last again": (store) => ({
    listEntries: (key, after, limit) => store.listEntries(key, Math.max(0, after - 1), limit),
  }),
  "lists more entries than asked for": (store) => ({
    listEntries: (key, after, limit) => store.listEntries(key, after, limit + 1),
  }),
  "cuts NUL out of entries": (store) => ({
    listEntries: async (...query) =>
      rewritten(await store.listEntries(...query), (text) => text.replaceAll("\0", "")),
  }),
  "composes characters in entries": (store) => ({
    listEntries: async (...query) =>
      rewritten(await store.listEntries(...query), (text) => text.normalize("NFC")),
  }),
  "says that every message is on the path": (store) => ({
    loadFacts: async (...query) => {
      const facts = await store.loadFacts(...query);
      const messages = Object.entries(facts.messages).map(([id, fact]) => [
        id,
        fact && { ...fact, isOnPath: true },
      ]);
      return { ...facts, messages: Object.fromEntries(messages) };
    },
  }),
  "leaves out who shares a message": (store) => ({
    loadFacts: async (key, ...query) => {
      const facts = await store.loadFacts(key, ...query);
      const messages = Object.entries(facts.messages).map(([id, fact]) => [
        id,
        fact && { ...fact, ...(fact.holders && { holders: [key.id] }) },
      ]);
      return { ...facts, messages: Object.fromEntries(messages) };
    },
  }),
  "tells the feed to anybody": (store) => ({
    listFeed: (who, query) => store.listFeed(anybody(who), query),
  }),
  "ends the feed after a page": (store) => ({
    listFeed: async (...query) => ({ ...(await store.listFeed(...query)), isAtEnd: true }),
  }),
  "leaves the feed's cursor at what the reader may see": (store) => ({
    listFeed: async (who, query) => {
      const page = await store.listFeed(who, query);
      const cursor = page.events.at(-1)?.cursor ?? query.after ?? (await store.feedEnd(who.tenant));
      return { ...page, cursor, isAtEnd: page.isAtEnd && page.events.length > 0 };
    },
  }),
  "tells one event of a page twice": (store) => ({
    listFeed: async (...query) => {
      const page = await store.listFeed(...query);
      return { ...page, events: [...page.events.slice(-1), ...page.events.slice(1)] };
    },
  }),
  "lists the oldest runs first": (store) => ({
    listRuns: async (...query) => (await store.listRuns(...query)).toReversed(),
  }),
  "finds a run in any thread": (store) => ({
    loadRun: async (key, id) =>
      (await store.loadRun(key, id)) ?? (await store.loadRun({ ...key, id: "t" }, id)),
  }),
  "finds forks of any thread": (store) => ({
    loadRelatives: async (who, { ids, limit }) => {
      const forksOf = (await store.listKeys(null, 100)).map(({ id }) => id);
      return store.loadRelatives(who, { ids, forksOf, limit });
    },
  }),
  "shows relatives to anybody": (store) => ({
    loadRelatives: (who, query) => store.loadRelatives(anybody(who), query),
  }),
  "loses runs to work on": () => ({ listRunnableRuns: async () => [] }),
  "wakes every run at once": (store) => ({
    listDueRuns: (_by, limit) => store.listDueRuns(Number.MAX_SAFE_INTEGER, limit),
  }),
  "takes every thread that expires for due": (store) => ({
    listDueThreads: (_by, ...query) => store.listDueThreads(Number.MAX_SAFE_INTEGER, ...query),
  }),
  "begins anew with every page of due threads": (store) => ({
    listDueThreads: (by, limit) => store.listDueThreads(by, limit, null),
  }),
  "loses runs that call": () => ({ listCallingRuns: async () => [] }),
  "lists chunks in another order": (store) => ({
    listChunks: async (...query) => (await store.listChunks(...query)).toReversed(),
  }),
  "replaces half surrogate pairs in chunks": (store) => ({
    appendChunks: (key, chunks) =>
      store.appendChunks(
        key,
        chunks.map((chunk) => ({ ...chunk, text: chunk.text.toWellFormed() })),
      ),
  }),
  "gives a blob to anybody": (store) => ({
    loadBlob: (who, ...rest) => store.loadBlob(anybody(who), ...rest),
  }),
  "lets an uploader read for ever": (store) => ({
    loadBlob: (who, sha256) => store.loadBlob(who, sha256, Date.now()),
  }),
  "gives everybody the lease": (store) => ({
    acquireLease: async (...query) => ({ ...(await store.acquireLease(...query)), isMine: true }),
  }),
  "never raises the fence": (store) => ({
    acquireLease: async (...query) => {
      const { isMine, lease } = await store.acquireLease(...query);
      return { isMine, lease: { ...lease, fence: 1 } };
    },
  }),
  "releases any lease": (store) => ({
    releaseLease: async ({ key }) => {
      const { lease } = await store.acquireLease(key, "", 0);
      await store.releaseLease(lease);
    },
  }),
  "takes everybody for alive": () => ({ isAlive: async () => true }),
  "searches for anybody": (store) => ({
    search: (who, query) => store.search(anybody(who), query),
  }),
  "marks the wrong characters of a snippet": (store) => ({
    search: async (...query) => {
      const page = await store.search(...query);
      const hits = page.hits.map((hit) => ({
        ...hit,
        highlights: hit.highlights.map(([start, end]) => [start + 1, end + 1] as const),
      }));
      return { ...page, hits };
    },
  }),
  "counts what the reader may not see as more": (store) => ({
    search: async (who, query) => {
      const { hasMore } = await store.search(anybody(who), query);
      return { ...(await store.search(who, query)), hasMore };
    },
  }),
  "searches every thread": (store) => ({
    search: (who, { threadId: _threadId, ...query }) => store.search(who, query),
  }),
  "shows text of redacted messages in the log": (store) => {
    const committed = new Map<string, Entry>();
    return {
      commit: (chains) => {
        for (const entry of entriesOf(chains)) committed.set(nameOf(entry), entry);
        return store.commit(chains);
      },
      listEntries: async (...query) =>
        (await store.listEntries(...query)).map((it) => committed.get(nameOf(it)) ?? it),
    };
  },
  "reads a trimmed path from its root": (store) => ({
    readPath: (tenant, { floor: _floor, ...end }, range) => store.readPath(tenant, end, range),
  }),
  "answers what is left of a log that was trimmed": (store) => ({
    listEntries: async (key, after, ...rest) =>
      store.listEntries(key, after, ...rest).catch(() => store.listEntries(key, 0, ...rest)),
  }),
  "begins a trimmed log behind the trim": (store) => ({
    listEntries: async (...query) =>
      (await store.listEntries(...query)).filter(({ op }) => op !== "retention.trim"),
  }),
  "still finds trimmed messages": (store) => {
    const seen = new Map<string, Message>();
    return {
      readPath: async (...query) => {
        const path = await store.readPath(...query);
        for (const message of path) seen.set(message.id, message);
        return path;
      },
      loadMessages: async (key, ids) =>
        (await store.loadMessages(key, ids)).map(
          (message, index) => message ?? seen.get(ids[index] ?? "") ?? null,
        ),
    };
  },
  "knows no floors": (store) => ({
    loadFacts: (key, needs) =>
      store.loadFacts(
        key,
        needs.map((need) => (need.kind === "message" ? { ...need, floors: [] } : need)),
      ),
  }),
  "cannot say what a trimmed thread kept": () => ({ listKept: async () => [] }),
  "goes on working after it was closed": () => ({ close: async () => undefined }),
  "has a problem": (store) => ({
    check: async (options) => {
      const report = await store.check(options);
      return { ...report, problems: [{ threadId: "t", problem: "a gap", repaired: false }] };
    },
  }),
};

describe("the conformance suite", () => {
  test("has names that are unique", () => {
    const names = storeConformance.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("leaves out with a reason what an adapter that can do nothing is not asked for", () => {
    const reasons = storeConformance.map((rule) => skipReason(rule, DEFAULT_CAPABILITIES));
    const given = reasons.filter((reason) => reason !== undefined);
    expect(given.length).toBeGreaterThan(0);
    expect(given.length).toBeLessThan(storeConformance.length / 2);
    expect(given.every((reason) => reason.length > 0)).toBe(true);
  });

  test.for(Object.entries(FAULTS))("refuses a store that %s", async ([, fault]) => {
    const broken = await firstBroken(() => faulty(fault));
    expect(broken).toBeDefined();
  });
});

/** The name of the first rule that the store breaks. */
async function firstBroken(openStore: () => Store): Promise<string | undefined> {
  const { capabilities } = openStore();
  for (const rule of storeConformance) {
    if (skipReason(rule, capabilities) !== undefined) continue;
    try {
      await rule.run({ openStore: async () => openStore() });
    } catch (error) {
      // Anything else would be a fault of the suite.
      assert.ok(error instanceof Error && "code" in error, String(error));
      return rule.name;
    }
  }
  return undefined;
}

function faulty(fault: (store: Store) => Partial<Store>): Store {
  const store = memoryStore();
  const changes = fault(store);
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function anybody({ tenant }: Reader): Reader {
  return { tenant, user: null };
}

function changeWrites(
  chains: readonly Chain[],
  change: { readonly givenIds: readonly string[] },
): readonly Chain[] {
  return chains.map((chain) =>
    chain.map(({ writes }) => ({ writes: writes.map((write) => ({ ...write, ...change })) })),
  );
}

function withoutOperations(chains: readonly Chain[]): readonly Chain[] {
  return chains.map((chain) =>
    chain.map(({ writes }) => ({
      writes: writes.map(({ operation: _operation, ...write }) => write),
    })),
  );
}

function entriesOf(chains: readonly Chain[]): readonly Entry[] {
  return chains.flat().flatMap(({ writes }) => writes.flatMap(({ entries }) => entries));
}

function nameOf({ threadId, version }: Entry): string {
  return `${threadId} ${version}`;
}

function rewritten(entries: readonly Entry[], change: (text: string) => string): readonly Entry[] {
  return JSON.parse(JSON.stringify(entries), (_key, value: unknown) =>
    typeof value === "string" ? change(value) : value,
  );
}
