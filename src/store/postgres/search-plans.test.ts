import { afterEach, expect, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { EVERYBODY, TENANT, create, extend } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { change, row } from "../sql/plan.ts";
import type { Ask, Plan } from "../sql/plan.ts";
import { findHits } from "../sql/search/find-hits.ts";
import { tenantScope } from "../sql/search/marks.ts";
import { loadProgress } from "../sql/search/search-state.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import type { ServerBackend } from "../sql/server/server-backend.ts";
import { openBackend } from "./postgres-backend.ts";
import { parsePlace } from "./postgres-place.ts";
import { postgresStore } from "./postgres-store.ts";

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A database with one message that says "unicorn", which is in the index. */
async function openWithUnicorn(): Promise<ServerBackend> {
  const address = await postgresUrl();
  const store = postgresStore(address);
  await extend(store, "t", [create("t"), say("a", "a unicorn")]);
  await store.search(EVERYBODY, { text: "unicorn", limit: 1 });
  await store.close();
  const backend = await openBackend(parsePlace(address));
  cleanups.push(() => backend.close());
  return backend;
}

/** One step of what PostgreSQL did for a statement. */
interface Step {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Step[];
}

/** All steps for all statements of a plan. */
async function stepsOf<T>({ driver }: ServerBackend, plan: Plan<T>): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const take = (step: Step): void => {
    steps.push(step);
    for (const inner of step.Plans ?? []) take(inner);
  };
  const explain = async (ask: Ask): Promise<void> => {
    const sql = `EXPLAIN (ANALYZE, FORMAT JSON) ${ask.sql}`;
    const { rows } = await driver.ask({ ...ask, sql });
    const [explained] = JSON.parse(String(rows[0]?.[0])) as readonly [{ readonly Plan: Step }];
    take(explained.Plan);
  };
  await runPlan(
    {
      ask: async (ask) => {
        await explain(ask);
        return driver.ask(ask);
      },
    },
    plan,
  );
  return steps;
}

await describeServer("postgres", "What PostgreSQL does for a search", () => {
  test("the threads of a few hits are looked up by their numbers, however many threads there are", async () => {
    const backend = await openWithUnicorn();
    const fill = function* (): Plan<void> {
      yield* change(
        `INSERT INTO skein_thread (tenant, id, owner, kind, created_at, profile)
         SELECT ?, 'x' || n, 'alice', 'chat', 0, '{}' FROM generate_series(1, 5000) n`,
        TENANT,
      );
      yield* change(
        `INSERT INTO skein_document (tid, version, part, lsn, role, loose, size, words)
         SELECT t.tid, 1 + n % 20, 0, 10 + n, 2, 0, 2, ('w' || n % 1000 || ' ' || ?)::tsvector
         FROM generate_series(1, 100000) n JOIN skein_thread t ON t.id = 'x' || (1 + n / 20)`,
        tenantScope(TENANT),
      );
      yield* change("ANALYZE skein_thread, skein_document");
    };
    await runPlan(backend.driver, fill());
    const query = { text: "unicorn", limit: 20, order: "recent" } as const;
    const steps = await stepsOf(backend, findHits(backend.search, 100_010, EVERYBODY, query));
    const looks = steps.filter((step) => step["Relation Name"] === "skein_thread");
    expect(looks.map((step) => step["Node Type"])).toContain("Index Scan");
    expect(looks.map((step) => step["Node Type"])).not.toContain("Seq Scan");
  });

  test("whether the index is behind is seen at the end of the log, without reading the rest", async () => {
    const backend = await openWithUnicorn();
    const fill = function* (): Plan<void> {
      yield* change(
        `INSERT INTO skein_entry (xid, lsn, tid, version, op, at, actor)
         SELECT e.xid - 1 - n / 10, -n, e.tid, 10 + n, 99, 0, e.actor
         FROM skein_entry e, generate_series(1, 20000) n WHERE e.mid = 'a'`,
      );
      yield* change("ANALYZE skein_entry");
    };
    await runPlan(backend.driver, fill());
    // What is committed is behind while a transaction that began before is under way, in whichever database of the server.
    await expect
      .poll(async () => (await runPlan(backend.driver, loadProgress(backend.dialect))).isBehind)
      .toBe(false);
    const steps = await stepsOf(backend, loadProgress(backend.dialect));
    const looks = steps.filter((step) => step["Relation Name"] === "skein_entry");
    const read = (step: Step): number =>
      (step["Actual Rows"] ?? 0) + (step["Rows Removed by Filter"] ?? 0);
    expect(looks).toHaveLength(1);
    expect(looks.reduce((sum, step) => sum + read(step), 0)).toBeLessThan(10);
  });

  test("nothing is compiled for a search", async () => {
    const { driver } = await openWithUnicorn();
    const shown = await driver.snapshot((session) => runPlan(session, row("SHOW jit")));
    expect(shown).toEqual(["off"]);
  });
});
