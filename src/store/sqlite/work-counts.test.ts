import { expect, test } from "vitest";
import { existing, itemOf, keyOf, makeWrite, TENANT, create } from "../conformance/fixture.ts";
import type { Change } from "../conformance/fixture.ts";
import { endOf, originOf, say } from "../conformance/message-fixture.ts";
import type { ThreadHead } from "../../model/thread.ts";
import { openBackend } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { encodeChains } from "../sql/encode-write.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { file } = storeFolder();

interface Counted {
  readonly backend: Backend;
  /** Statements that run meanwhile, with the rows of each. */
  readonly count: (work: () => unknown) => Promise<readonly (readonly [string, number])[]>;
}

/** Counts what the database does, because times say nothing on a busy machine. */
async function openCounted(): Promise<Counted> {
  let log: (readonly [string, number])[] = [];
  const backend = await openBackend({
    path: file(),
    synchronous: "NORMAL",
    threads: false,
    count: (sql, rows) => log.push([sql, rows]),
  });
  return {
    backend,
    count: async (work) => {
      log = [];
      await work();
      return log;
    },
  };
}

async function extendTo(
  { writer }: Backend,
  id: string,
  before: ThreadHead | null,
  changes: readonly Change[],
): Promise<ThreadHead> {
  const write = makeWrite(keyOf(id), before, changes);
  const { results } = await writer.commit(encodeChains([[itemOf(write)]]));
  expect(results).toEqual([["committed"]]);
  return write.after;
}

async function threadOf(backend: Backend, id: string, messages: number): Promise<ThreadHead> {
  let head = await extendTo(backend, id, null, [create(id)]);
  for (let done = 0; done < messages; done += 500) {
    const size = Math.min(500, messages - done);
    const says = Array.from({ length: size }, (_, index) => say(`${id}-${done + index}`, "hello"));
    head = await extendTo(backend, id, head, says);
  }
  return head;
}

/** BEGIN and ROLLBACK repeat the count of the statement before. */
const rowsOf = (log: readonly (readonly [string, number])[]): number =>
  log.reduce((sum, [sql, rows]) => (/^(BEGIN|COMMIT|ROLLBACK)/u.test(sql) ? sum : sum + rows), 0);

test("an append to 10,000 messages executes what an append to 10 executes", async () => {
  const { backend, count } = await openCounted();
  const small = await threadOf(backend, "small", 10);
  const large = await threadOf(backend, "large", 10_000);
  const onSmall = await count(() => extendTo(backend, "small", small, [say("a", "hi")]));
  const onLarge = await count(() => extendTo(backend, "large", large, [say("b", "hi")]));
  expect(onLarge).toEqual(onSmall);
  await backend.close();
});

test("a turn of two messages writes two rows and moves one head", async () => {
  const { backend, count } = await openCounted();
  const head = await threadOf(backend, "t", 2);
  const log = await count(() =>
    extendTo(backend, "t", head, [say("a", "hi"), say("b", "ho", { role: "assistant" })]),
  );
  const writes = log.filter(([sql]) => /^(INSERT|UPDATE|DELETE)/u.test(sql));
  expect(writes.map(([sql]) => sql.split(/\s+/u).slice(0, 3).join(" "))).toEqual([
    "UPDATE skein_head SET",
    "INSERT INTO skein_entry",
    "INSERT INTO skein_entry",
  ]);
  await backend.close();
});

test("a fork of 10,000 messages copies no message row", async () => {
  const { backend, count } = await openCounted();
  const origin = await threadOf(backend, "origin", 10_000);
  const fork = create("fork", {}, originOf(origin));
  const log = await count(() => extendTo(backend, "fork", null, [fork]));
  const copied = log.filter(([sql]) => sql.startsWith("INSERT INTO skein_entry"));
  expect(rowsOf(copied)).toBe(1);
  expect(rowsOf(log)).toBeLessThan(12);
  await backend.close();
});

test("a page touches its own rows, whatever the length of the thread", async () => {
  const { backend, count } = await openCounted();
  for (const length of [60, 10_000]) {
    const head = await threadOf(backend, `t${length}`, length);
    const log = await count(() =>
      backend.reader.readPath(TENANT, endOf(head), { minDepth: length - 50, maxDepth: length }),
    );
    // One row more for the parent of the first message.
    expect(rowsOf(log)).toBeLessThanOrEqual(50 + 3);
  }
  await backend.close();
});

test("whatever is looked up takes one statement, which is one round trip on a server", async () => {
  const { backend, count } = await openCounted();
  const { reader } = backend;
  const head = await threadOf(backend, "t", 100);
  const plain = { kind: "given", ids: ["a", "b"] } as const;
  const operation = { kind: "operation", user: "alice", opId: "o" } as const;
  const alice = { tenant: TENANT, user: "alice" };
  const lookups: Readonly<Record<string, () => unknown>> = {
    heads: () => reader.loadHeads([keyOf("t"), keyOf("nobody")]),
    thread: () => reader.loadThread(alice, "t"),
    known: () => reader.loadThread(alice, "t", head.version),
    list: () => reader.listThreads(alice, { limit: 20 }),
    facts: () => reader.loadFacts(keyOf("t"), [plain, operation]),
    messages: () => reader.loadMessages(keyOf("t"), ["t-1", "t-50"]),
    runs: () => reader.listRuns(keyOf("t"), { limit: 10 }),
  };
  for (const [name, lookUp] of Object.entries(lookups)) {
    const log = await count(lookUp);
    const asked = log.filter(([sql]) => !/^(BEGIN|ROLLBACK)/u.test(sql));
    expect([name, asked.length]).toEqual([name, 1]);
  }
  await backend.close();
});

test("a page bounded by bytes touches one row more than it answers", async () => {
  const { backend, count } = await openCounted();
  const head = await threadOf(backend, "t", 10_000);
  const whole = { minDepth: 0, maxDepth: 10_000, maxBytes: 1_000 };
  for (const order of ["asc", "desc"] as const)
    for (const roles of [undefined, ["user"] as const]) {
      let answered = 0;
      const log = await count(() => {
        const range = { ...whole, order, ...(roles && { roles }) };
        answered = backend.reader.readPath(TENANT, endOf(head), range).length;
      });
      expect(answered).toBeGreaterThan(5);
      const rows = rowsOf(log.filter(([sql]) => sql.includes("payload")));
      expect(rows).toBe(answered + 1);
    }
  let entries = 0;
  const log = await count(() => {
    entries = backend.reader.listEntries(keyOf("t"), 1, 10_000, 1_000).length;
  });
  expect(entries).toBeGreaterThan(5);
  // The first statement finds out that the page does not fit, and answers no payload.
  const [sizing, ...reading] = log.filter(([sql]) => sql.includes("payload"));
  expect(rowsOf(sizing === undefined ? [] : [sizing])).toBeLessThanOrEqual(256);
  expect(rowsOf(reading)).toBe(entries + 1);
  await backend.close();
});

test("a page behind 100 forks touches its rows and a row per segment", async () => {
  const { backend, count } = await openCounted();
  let head = await threadOf(backend, "f0", 50);
  for (let depth = 1; depth <= 100; depth++) {
    const id = `f${depth}`;
    head = await extendTo(backend, id, null, [create(id, {}, originOf(head))]);
    head = await extendTo(backend, id, head, [say(`${id}-m`, "hello")]);
  }
  const count50 = existing(head.branches["main"]).count;
  expect(count50).toBe(150);
  const first = await count(() =>
    backend.reader.readPath(TENANT, endOf(head), { minDepth: 0, maxDepth: 49 }),
  );
  expect(rowsOf(first)).toBeLessThanOrEqual(50 + 101 + 3);
  const last = await count(() =>
    backend.reader.readPath(TENANT, endOf(head), { minDepth: 149, maxDepth: 149 }),
  );
  expect(rowsOf(last)).toBeLessThanOrEqual(4);
  await backend.close();
});

test("listing 20 threads looks at 21 rows of the list among 20 or 2,000", async () => {
  const { backend, count } = await openCounted();
  let made = 0;
  for (const total of [20, 2_000]) {
    for (; made < total; made++) await extendTo(backend, `t${made}`, null, [create(`t${made}`)]);
    await backend.writer.flushListing();
    const reader = { tenant: TENANT, user: "alice" };
    const log = await count(() => backend.reader.listThreads(reader, { limit: 20 }));
    expect(rowsOf(log)).toBeLessThanOrEqual(21 + 20);
  }
  await backend.close();
});

test("commits do not touch the lists; a flush moves each changed thread once", async () => {
  const { backend, count } = await openCounted();
  let head = await threadOf(backend, "t", 1);
  const commits = await count(async () => {
    for (let index = 0; index < 20; index++)
      head = await extendTo(backend, "t", head, [say(`m${index}`, "hello")]);
  });
  expect(commits.filter(([sql]) => sql.includes("listing"))).toEqual([]);
  const flush = await count(() => backend.writer.flushListing());
  const moved = flush.filter(([sql]) => sql.startsWith("UPDATE skein_listing"));
  // Once in the owner's list, once in that of readers with all rights.
  expect(moved.map(([, rows]) => rows)).toEqual([1, 1]);
  await backend.close();
});
