import assert from "node:assert/strict";
import type { Reader } from "../key.ts";
import type { FeedEvent } from "../query.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import {
  create,
  EVERYBODY,
  existing,
  extend,
  headOf,
  lastOf,
  reader,
  rejectsWith,
} from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { say } from "./message-fixture.ts";
import { settledFeed } from "./settled-feed.ts";

export const FEED_CASES: readonly ConformanceCase[] = [
  {
    name: "the feed of a new store is empty and has a cursor to go on from",
    run: async ({ openStore }) => {
      const store = await openStore();
      const page = await settledFeed(store, EVERYBODY, { after: null, limit: 10 });
      assert.deepEqual(page.events, []);
      assert.equal(page.isAtEnd, true);
      await extend(store, "t", [create("t")]);
      const next = await settledFeed(store, EVERYBODY, { after: page.cursor, limit: 10 });
      assert.deepEqual(namesOf(next.events), ["t created"]);
    },
  },
  {
    name: "the feed tells of commits in the order in which they were made",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "b", [create("b")]);
      await extend(store, "a", [create("a")]);
      await extend(store, "c", [create("c")]);
      await extend(store, "b", [say("m", "hello")]);
      const events = await readAll(store, EVERYBODY, 100);
      assert.deepEqual(firstOfEach(events), ["b created", "a created", "c created"]);
      assert.equal(lastOf(events).threadId, "b");
      assert.equal(lastOf(events).type, "updated");
    },
  },
  {
    name: "the feed tells how a thread's life went",
    run: async ({ openStore }) => {
      const store = await openStore();
      const life: readonly Change[] = [
        create("t"),
        { op: "thread.archive", data: {} },
        { op: "thread.unarchive", data: {} },
        { op: "thread.delete", data: {} },
        { op: "thread.undelete", data: {} },
        { op: "thread.set", data: { title: "Renamed" } },
      ];
      for (const change of life) await extend(store, "t", [change]);
      assert.deepEqual(namesOf(await readAll(store, EVERYBODY, 100)), [
        "t created",
        "t archived",
        "t unarchived",
        "t deleted",
        "t undeleted",
        "t updated",
      ]);
    },
  },
  {
    name: "an event has the version that caused it and the thread as it is now",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", "one")]);
      await extend(store, "t", [say("b", "two"), say("c", "three")]);
      const events = await readAll(store, EVERYBODY, 100);
      assert.equal(events[0]?.type, "created");
      const versions = events.map(({ version }) => version);
      assert.deepEqual(
        versions,
        versions.toSorted((a, b) => a - b),
      );
      assert.equal(lastOf(versions), 4);
      for (const { thread } of events) {
        assert.equal(thread.version, 4);
        assert.equal(thread.messageCount, 3);
      }
    },
  },
  {
    name: "an event that knows since when leaves no entry of the thread out",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", "one")]);
      const { cursor } = await toTheEnd(store, EVERYBODY);
      await extend(store, "t", [say("b", "two"), say("c", "three")]);
      await extend(store, "u", [create("u")]);
      await extend(store, "t", [say("d", "four")]);
      for (const limit of [1, 100]) {
        const events = await readAll(store, EVERYBODY, limit, cursor);
        const known = events.flatMap(({ threadId, since }) =>
          threadId === "t" && since !== undefined ? [since] : [],
        );
        if (known.length > 0) assert.equal(Math.min(...known), 2);
      }
    },
  },
  {
    name: "reading on from any event's cursor misses nothing and repeats nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (let index = 0; index < 8; index++)
        await extend(store, `t${index}`, [create(`t${index}`)]);
      for (let index = 0; index < 8; index++)
        await extend(store, `t${index}`, [say(`m${index}`, "hi")]);
      const all = (await readAll(store, EVERYBODY, 100)).map(identify);
      for (const limit of [1, 2, 5])
        assert.deepEqual((await readAll(store, EVERYBODY, limit)).map(identify), all);
      const { events } = await settledFeed(store, EVERYBODY, { after: null, limit: 100 });
      for (const [index, { cursor }] of events.entries()) {
        const rest = await readAll(store, EVERYBODY, 3, cursor);
        assert.deepEqual(rest.map(identify), all.slice(index + 1));
      }
    },
  },
  {
    name: "a page that is not the last says so",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (const id of ["a", "b", "c"]) await extend(store, id, [create(id)]);
      const first = await settledFeed(store, EVERYBODY, { after: null, limit: 2 });
      assert.deepEqual(namesOf(first.events), ["a created", "b created"]);
      assert.equal(first.isAtEnd, false);
      const rest = await readAll(store, EVERYBODY, 2, first.cursor);
      assert.deepEqual(namesOf(rest), ["c created"]);
    },
  },
  {
    name: "the feed tells a user of their own and shared threads only",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "private", [create("private")]);
      await extend(store, "shared", [create("shared", { members: { bob: "viewer" } })]);
      await extend(store, "own", [create("own", { owner: "bob" })]);
      await extend(store, { tenant: "globex", id: "g" }, [create("g", { tenant: "globex" })]);
      assert.deepEqual(namesOf(await readAll(store, reader("bob"), 1)), [
        "shared created",
        "own created",
      ]);
      assert.deepEqual(await readAll(store, reader("mallory"), 1), []);
      assert.deepEqual(await readAll(store, reader("constructor"), 1), []);
      assert.deepEqual(namesOf(await readAll(store, { tenant: "globex", user: null }, 10)), [
        "g created",
      ]);
    },
  },
  {
    name: "the cursor moves past what the reader may not see",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (let index = 0; index < 20; index++)
        await extend(store, `t${index}`, [create(`t${index}`)]);
      const { cursor } = await toTheEnd(store, reader("bob"));
      await extend(store, "bobs", [create("bobs", { owner: "bob" })]);
      const page = await settledFeed(store, reader("bob"), { after: cursor, limit: 10 });
      assert.deepEqual(namesOf(page.events), ["bobs created"]);
    },
  },
  {
    name: "many updates of a thread may be told as one, but the newest is always told",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (const id of ["a", "b"]) await extend(store, id, [create(id)]);
      for (let index = 0; index < 30; index++)
        await extend(store, index % 2 === 0 ? "a" : "b", [say(`m${index}`, "more")]);
      const events = await readAll(store, EVERYBODY, 7);
      for (const id of ["a", "b"]) {
        const versions = events.filter(({ threadId }) => threadId === id).map((it) => it.version);
        assert.equal(lastOf(versions), (await headOf(store, id)).version);
        assert.equal(new Set(versions).size, versions.length);
        assert.deepEqual(
          versions,
          versions.toSorted((a, b) => a - b),
        );
      }
    },
  },
  {
    name: "a purged thread is no longer told of",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t", { title: "the secret" })]);
      await extend(store, "u", [create("u")]);
      await extend(store, "t", [{ op: "thread.purge", data: {} }]);
      const events = await readAll(store, EVERYBODY, 10);
      assert.deepEqual(namesOf(events), ["u created"]);
    },
  },
  {
    name: "commits at once are all told, each thread's in order",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = Array.from({ length: 16 }, (_, index) => `t${index}`);
      const tail = followUntil(store, ids.length);
      await Promise.all(ids.map((id) => extend(store, id, [create(id), say(`${id}.m`, "hi")])));
      const events = await tail;
      const created = events.filter(({ type }) => type === "created");
      assert.deepEqual(created.map(({ threadId }) => threadId).toSorted(), ids.toSorted());
    },
  },
  {
    name: "a feed that starts at its end gets only what is to come",
    run: async ({ openStore }) => {
      const store = await openStore();
      const atStart = await store.feedEnd(EVERYBODY.tenant);
      await extend(store, "t", [create("t")]);
      const atEnd = await store.feedEnd(EVERYBODY.tenant);
      await extend(store, "u", [create("u")]);
      assert.deepEqual(namesOf(await readAll(store, EVERYBODY, 10, atStart)), [
        "t created",
        "u created",
      ]);
      assert.deepEqual(namesOf(await readAll(store, EVERYBODY, 10, atEnd)), ["u created"]);
      const now = await store.feedEnd(EVERYBODY.tenant);
      assert.deepEqual(await readAll(store, EVERYBODY, 10, now), []);
    },
  },
  {
    name: "a cursor that is not of this store is refused",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t")]);
      for (const after of ["", "nonsense", "-1", "1.5", "9".repeat(40), "{}", "\u0000"])
        await rejectsWith("invalid_cursor", store.listFeed(EVERYBODY, { after, limit: 10 }));
      const other = await openStore();
      await extend(other, "t", [create("t")]);
      const { cursor } = await settledFeed(other, EVERYBODY, { after: null, limit: 10 });
      await rejectsWith("invalid_cursor", store.listFeed(EVERYBODY, { after: cursor, limit: 10 }));
    },
  },
];

function namesOf(events: readonly FeedEvent[]): readonly string[] {
  return events.map(({ threadId, type }) => `${threadId} ${type}`);
}

function identify({ threadId, type, version, cursor }: FeedEvent): string {
  return `${threadId} ${type} ${version} ${cursor}`;
}

function firstOfEach(events: readonly FeedEvent[]): readonly string[] {
  const first = new Map<string, string>();
  for (const { threadId, type } of events)
    if (!first.has(threadId)) first.set(threadId, `${threadId} ${type}`);
  return [...first.values()];
}

async function readAll(
  store: Store,
  as: Reader,
  limit: number,
  after: string | null = null,
): Promise<readonly FeedEvent[]> {
  const { events } = await toTheEnd(store, as, limit, after);
  return events;
}

async function toTheEnd(
  store: Store,
  as: Reader,
  limit: number = 3,
  after: string | null = null,
): Promise<{ readonly events: readonly FeedEvent[]; readonly cursor: string }> {
  const events: FeedEvent[] = [];
  let cursor = after;
  for (;;) {
    const page = await settledFeed(store, as, { after: cursor, limit });
    assert.ok(page.events.length <= limit);
    events.push(...page.events);
    assert.ok(page.isAtEnd || page.cursor !== cursor, "the cursor does not move");
    cursor = page.cursor;
    if (page.isAtEnd) return { events, cursor };
  }
}

/** Reads the feed while others commit, until it told of as many new threads. */
async function followUntil(store: Store, created: number): Promise<readonly FeedEvent[]> {
  const events: FeedEvent[] = [];
  let cursor: string | null = null;
  while (events.filter(({ type }) => type === "created").length < created) {
    const page = await store.listFeed(EVERYBODY, { after: cursor, limit: 4 });
    events.push(...page.events);
    cursor = existing(page.cursor);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return events;
}
