import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, test } from "vitest";
import { histories } from "../../src/model/history.test-support.ts";
import type { Move } from "../../src/model/history.test-support.ts";
import { play } from "../../src/model/play.test-support.ts";
import { DEFAULT_TENANT } from "../../src/model/principal.ts";
import { digestThread } from "../../src/store/copy/digest-thread.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";

const EVERYBODY = { tenant: DEFAULT_TENANT, user: null } as const;
const folder = mkdtempSync(join(tmpdir(), "skein-rebuild-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** A trimmed log does not know of runs that ended before it. */
const WHOLE = "tid IN (SELECT tid FROM skein_thread WHERE oldest IS NULL OR oldest = 1)";

const LOSSES: Readonly<Record<string, string>> = {
  "the lists": "DELETE FROM skein_listing",
  "the members": "DELETE FROM skein_member",
  "the runs": `DELETE FROM skein_run WHERE ${WHOLE}`,
  "what runs have become": `UPDATE skein_run SET data = json_set(data, '$.fence', 99), holds = 0 WHERE ${WHOLE}`,
  "which runs have ended": "UPDATE skein_run SET ended = 1 - ended, holds = 0",
  "the steps": `DELETE FROM skein_step WHERE ${WHOLE}`,
  "the status of threads": "UPDATE skein_head SET status = (status + 1) % 3",
};

test("whatever is lost that was made of the log, a rebuild makes it as it was", async () => {
  const losses = fc.constantFrom(...Object.keys(LOSSES));
  await fc.assert(
    fc.asyncProperty(histories, losses, async (history, loss) => {
      const path = join(folder, `${(made += 1)}.db`);
      const store = sqliteStore({ path, synchronous: "NORMAL" });
      await fill(store, history);
      const told = await tell(store);
      await store.close();
      const database = new DatabaseSync(path);
      const changes = database.prepare(LOSSES[loss] ?? "").run().changes;
      database.close();
      rmSync(path.replace(/\.db$/u, "-search.db"), { force: true });
      const again = sqliteStore({ path, synchronous: "NORMAL" });
      try {
        const { problems } = await again.check({ repair: false });
        if (changes > 0) assert.ok(problems.length > 0, `${loss} is not missed`);
        const report = await again.check({ repair: true, rebuild: true });
        assert.ok(report.problems.every(({ repaired }) => repaired));
        assert.deepEqual(await tell(again), told);
        assert.deepEqual((await again.check({ repair: false })).problems, []);
      } finally {
        await again.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

test("a rebuild of a sound file store changes nothing", async () => {
  await changesNothing(async () => fileStore({ path: join(folder, `${(made += 1)}`) }), 15);
}, 120_000);

await describeServer("postgres", "PostgreSQL", () => {
  test(
    "a rebuild of a sound store changes nothing",
    async () => changesNothing(async () => postgresStore(await postgresUrl()), 3),
    120_000,
  );
});

await describeServer("mariadb", "MariaDB", () => {
  test(
    "a rebuild of a sound store changes nothing",
    async () => changesNothing(async () => mysqlStore(await mariadbUrl()), 3),
    120_000,
  );
});

await describeServer("redis", "Redis", () => {
  test(
    "a rebuild of a sound store changes nothing",
    async () => changesNothing(async () => redisStore(await redisUrl()), 5),
    120_000,
  );
});

async function changesNothing(openStore: () => Promise<Store>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const store = await openStore();
      try {
        await store.open();
        await fill(store, history);
        const told = await tell(store);
        const report = await store.check({ repair: true, rebuild: true });
        assert.deepEqual(report.problems, []);
        assert.deepEqual(await tell(store), told);
      } finally {
        await store.close();
      }
    }),
    { numRuns },
  );
}

async function fill(store: Store, history: readonly Move[]): Promise<void> {
  for (const { log, before, after, entries } of play(history).steps) {
    if (after === null || entries.length === 0) continue;
    const key = { tenant: DEFAULT_TENANT, id: log.id };
    const base = before?.version ?? 0;
    const write = { key, base, entries, before, after, givenIds: [] };
    assert.deepEqual(await store.commit([[{ writes: [write] }]]), [["committed"]]);
  }
}

async function tell(store: Store): Promise<unknown> {
  const keys = await store.listKeys(null, 1_000);
  const heads = await store.loadHeads(keys);
  const threads = keys.map(async (key, at) => {
    const head = heads[at] ?? null;
    if (head === null || head.profile.purgedAt !== null) return head;
    return (await digestThread(store, key, head, head.version, head.version)).parts;
  });
  return {
    threads: await Promise.all(threads),
    listed: await store.listThreads(EVERYBODY, { limit: 200 }),
    active: await store.listThreads(EVERYBODY, { limit: 200, status: "active" }),
    runnable: await store.listRunnableRuns(),
    due: await store.listDueRuns(Number.MAX_SAFE_INTEGER, 1_000),
    calling: await store.listCallingRuns(),
    found: store.capabilities.search
      ? (await store.search(EVERYBODY, { text: "a*", limit: 50, order: "recent" })).hits.map(
          ({ threadId, messageId }) => [threadId, messageId],
        )
      : null,
  };
}
