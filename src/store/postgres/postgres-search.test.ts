import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { EVERYBODY, create, extend } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { testSearchAgreement } from "../sql/search/agreement.test-support.ts";
import { ServerSearch } from "../sql/search/server-search.ts";
import type { Pause, PlanRunner } from "../sql/search/server-search.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import type { Store } from "../store.ts";
import { openBackend } from "./postgres-backend.ts";
import { parsePlace } from "./postgres-place.ts";
import { postgresStore } from "./postgres-store.ts";

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Opened {
  readonly address: string;
  readonly store: Store;
  readonly client: pg.Client;
}

async function openBoth(): Promise<Opened> {
  const address = await postgresUrl();
  const store = postgresStore(address);
  await store.open();
  const client = new pg.Client(address);
  await client.connect();
  cleanups.push(
    () => store.close(),
    () => client.end(),
  );
  return { address, store, client };
}

async function found(store: Store, text: string): Promise<readonly (string | null)[]> {
  const page = await store.search(EVERYBODY, { text, limit: 10, order: "recent" });
  expect(page.indexLag).toBe(0);
  return page.hits.map(({ messageId }) => messageId);
}

await describeServer("postgres", "PostgreSQL's search", () => {
  testSearchAgreement(async () => postgresStore(await postgresUrl()));

  test("a transaction that lasts hides nothing, and what it commits late is found", async () => {
    const { store, client } = await openBoth();
    await extend(store, "t", [create("t"), say("a", "first unicorn")]);
    expect(await found(store, "unicorn")).toEqual(["a"]);
    await client.query("BEGIN");
    await client.query(
      `INSERT INTO skein_entry (tid, version, op, at, seg, pos, role, mid, actor, payload)
       SELECT tid, 3, op, at, seg, 2, role, 'late', actor, '{"parts":[{"type":"text","text":"late unicorn"}]}'
       FROM skein_entry WHERE mid = 'a'`,
    );
    await extend(store, "u", [create("u"), say("b", "second unicorn")]);
    expect(await found(store, "unicorn")).toEqual(["b", "a"]);
    expect(await found(store, "unicorn")).toEqual(["b", "a"]);
    await client.query("COMMIT");
    expect(await found(store, "unicorn")).toEqual(["b", "late", "a"]);
  });

  test("an index of an older version is begun anew", async () => {
    const { store, client } = await openBoth();
    await extend(store, "t", [create("t", { title: "Unicorns" }), say("a", "a unicorn")]);
    expect(await found(store, "unicorn")).toEqual(["a"]);
    await client.query("UPDATE skein_document SET words = 'dragon'");
    expect(await found(store, "unicorn")).toEqual([]);
    await client.query("UPDATE skein_search_state SET version = 0");
    expect(await found(store, "unicorn")).toEqual(["a"]);
    expect(await found(store, "unicorns")).toEqual([null]);
  });

  test("a text with more words than PostgreSQL takes at once is found by all of them", async () => {
    const { store, client } = await openBoth();
    const words = Array.from({ length: 90_000 }, (_, at) => `w${at.toString(36)}x`);
    await extend(store, "t", [create("t"), say("long", words.join(" ")), say("b", "w0x alone")]);
    expect(await found(store, "w0x")).toEqual(["b", "long"]);
    expect(await found(store, `"${words.at(-2)} ${words.at(-1)}"`)).toEqual(["long"]);
    expect(await found(store, `w0x ${words.at(-1)}`)).toEqual(["long"]);
    expect(await found(store, `w0x -${words.at(-1)}`)).toEqual(["b"]);
    const pieces = await client.query("SELECT count(*) FROM skein_document WHERE loose = 1");
    expect(Number(pieces.rows[0].count)).toBeGreaterThan(1);
  });

  test("indexing makes way for commits that go on, and for nothing else", async () => {
    const { signal } = new AbortController();
    for (const isBusy of [true, false]) {
      const address = await openFarBehind();
      let batches = 0;
      let pauses = 0;
      const search: ServerSearch = await openSearch(
        address,
        () => {
          batches += 1;
          if (isBusy) search.noteCommit();
        },
        async () => void (pauses += 1),
      );
      await search.follow(signal);
      expect({ batches, pauses }).toEqual({ batches: 3, pauses: isBusy ? 2 : 0 });
    }
  });

  test("a search far behind the log says how far", async () => {
    const address = await openFarBehind();
    const search = await openSearch(address);
    const query = { text: "unicorn", limit: 1, order: "recent" } as const;
    const first = await search.search(EVERYBODY, query);
    expect(first.indexLag).toBe(3002);
    expect(first.hits).toMatchObject([{ messageId: "m1998" }]);
    await search.search(EVERYBODY, query);
    const last = await search.search(EVERYBODY, query);
    expect(last).toMatchObject({ indexLag: 0, hits: [{ messageId: "m5000" }] });
  });
});

/** The address of a log with 5,000 entries that are not in the index, with which nobody goes on. */
async function openFarBehind(): Promise<string> {
  const { address, store, client } = await openBoth();
  await extend(store, "t", [create("t"), say("a", "a unicorn")]);
  await client.query(
    `INSERT INTO skein_entry (tid, version, op, at, seg, pos, role, mid, actor, payload)
     SELECT tid, 2 + n, op, at, seg, 1 + n, role, 'm' || n, actor, payload
     FROM skein_entry, generate_series(1, 5000) n WHERE mid = 'a'`,
  );
  await store.close();
  return address;
}

/** @param onBatch  is told of every transaction */
async function openSearch(
  address: string,
  onBatch: () => void = () => undefined,
  pause?: Pause,
): Promise<ServerSearch> {
  const backend = await openBackend(parsePlace(address));
  cleanups.push(() => backend.close());
  const { driver, dialect, search } = backend;
  const runner: PlanRunner = {
    read: (plan) => runPlan(driver, plan()),
    snapshot: (plan) => driver.snapshot((session) => runPlan(session, plan())),
    write: (plan) => {
      onBatch();
      return driver.transaction((session) => runPlan(session, plan()));
    },
  };
  return new ServerSearch(dialect, search, runner, pause);
}
