import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { createSkein } from "../../src/index.ts";
import { isEnded } from "../../src/model/run-transitions.ts";
import type { StubModel } from "../../src/testing/index.ts";
import { KILLED_STORES } from "../crash/killed-stores.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { startCluster } from "./cluster.ts";
import type { Cluster, NodeRole } from "./cluster.ts";
import { ask, startFaultModel } from "./fault-model.ts";
import { logOf, scanInvariants } from "./invariants/scan-invariants.ts";
import { readLedger } from "./ledger.ts";
import { talkTo } from "./talk.ts";
import type { Talk } from "./talk.ts";

// A frozen or dead process counts as alive for 15 s, and others sweep every 3 s.
const IDLE_MS = 60_000;
const TIMEOUT = { timeout: 90_000 };

let model: StubModel;
beforeAll(async () => {
  model = await startFaultModel();
});
afterAll(async () => {
  await model.close();
});

interface Fixture extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly talk: Talk;
  /** Everything that does not hold when all is quiet. */
  problems(): Promise<readonly string[]>;
  /** The claims of the runs of a thread: who took it, and with which fence. */
  claims(threadId: string): Promise<readonly { readonly fence: number; readonly owner: string }[]>;
}

async function begin(name: "sqlite" | "postgres", nodes: readonly NodeRole[]): Promise<Fixture> {
  const { address, open } = KILLED_STORES[name];
  const at = await address();
  const cluster = await startCluster({ store: at, modelUrl: model.url, nodes });
  const talk = talkTo(cluster);
  const store = open(at, cluster.directory);
  const skein = createSkein({ store, worker: false });
  return {
    cluster,
    talk,
    async problems() {
      await talk.untilIdle(talk.threadIds, IDLE_MS);
      const { accepted, threadIds } = talk;
      const { ledger } = cluster;
      return scanInvariants({ store, ledger, accepted, threadIds, isQuiet: true });
    },
    async claims(threadId) {
      return (await logOf(skein, threadId)).flatMap(({ op, data }) =>
        op === "run.update" && data.event === "claim"
          ? [{ fence: data.run.fence ?? 0, owner: data.run.owner ?? "" }]
          : [],
      );
    },
    async [Symbol.asyncDispose]() {
      await skein.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function testProcesses(name: "sqlite" | "postgres"): void {
  test.concurrent(
    "a worker that is stopped for longer than its lease loses its runs, and cannot write when it goes on",
    TIMEOUT,
    async ({ expect: expectHere }) => {
      await using at = await begin(name, ["web", "worker"]);
      const { cluster, talk } = at;
      const id = await talk.begin();
      await talk.say(id, "frozen", ask.talk("frozen", 60, 20));
      await untilClaimed(at, id, 1);
      cluster.signal(1, "SIGSTOP");
      const frozen = cluster.pid(1);
      // Another worker comes up, because the first one is not heard of.
      await cluster.add("worker");
      await untilClaimed(at, id, 2);
      process.kill(frozen, "SIGCONT");
      expectHere(await at.problems()).toEqual([]);
      const claims = await at.claims(id);
      expectHere(claims.map(({ fence }) => fence)).toEqual([1, 2]);
      expectHere(new Set(claims.map(({ owner }) => owner)).size).toBe(2);
    },
  );

  test.concurrent(
    "a worker that is killed is followed by another one, which repeats no unsafe tool",
    TIMEOUT,
    async ({ expect: expectHere }) => {
      await using at = await begin(name, ["web", "worker", "worker"]);
      const { cluster, talk } = at;
      await cluster.kill(1);
      await cluster.kill(2);
      await cluster.start(1, { env: { SKEIN_CRASH_AT: "after-tool" } });
      const id = await talk.begin();
      await talk.say(id, "cut", ask.call("cut", "unsafe"));
      expectHere(await cluster.ended(1)).toBe(null);
      await cluster.start(2);
      expectHere(await at.problems()).toEqual([]);
      expectHere(readLedger(cluster.ledger).map(({ tool }) => tool)).toEqual(["unsafe"]);
      expectHere((await at.claims(id)).length).toBeGreaterThanOrEqual(2);
    },
  );

  test.concurrent(
    "what is journaled as done was done, wherever the worker dies",
    TIMEOUT,
    async ({ expect: expectHere }) => {
      await using at = await begin(name, ["web", "worker"]);
      const { cluster, talk } = at;
      await cluster.kill(1);
      await cluster.start(1, { env: { SKEIN_CRASH_AT: "after-tool-result" } });
      const id = await talk.begin();
      await talk.say(id, "done", ask.call("done", "safe"));
      expectHere(await cluster.ended(1)).toBe(null);
      await cluster.start(1);
      expectHere(await at.problems()).toEqual([]);
      expectHere(readLedger(cluster.ledger).map(({ tool }) => tool)).toEqual(["safe"]);
    },
  );

  test.concurrent(
    "old workers drain while new ones come up, and nothing is left behind",
    TIMEOUT,
    async ({ expect: expectHere }) => {
      await using at = await begin(name, ["web", "worker", "worker"]);
      const { cluster, talk } = at;
      const say = async (from: number): Promise<void> => {
        for (let n = from; n < from + 6; n++) {
          const id = await talk.begin();
          await talk.say(id, `deploy-${n}`, ask.call(`deploy-${n}`, "safe", "unsafe"));
          await talk.say(id, `again-${n}`, ask.talk(`again-${n}`, 20, 10));
        }
      };
      await say(0);
      const saying = say(6);
      for (const node of [1, 2]) {
        const ended = cluster.ended(node);
        cluster.signal(node, "SIGTERM");
        const added = await cluster.add("worker");
        expectHere(await ended).toBe(0);
        expectHere(cluster.pid(added)).toBeGreaterThan(0);
      }
      await saying;
      expectHere(await at.problems()).toEqual([]);
    },
  );

  test.concurrent(
    "a stop reaches a run in another process, in the middle of a text, of a tool, and in the queue",
    TIMEOUT,
    async ({ expect: expectHere }) => {
      await using at = await begin(name, ["web", "worker"]);
      const { cluster, talk } = at;
      const [streaming, acting] = [await talk.begin(), await talk.begin()];
      const mayEnd = { mayEnd: true } as const;
      const text = await talk.say(streaming, "text", ask.talk("text", 1_000, 20), mayEnd);
      const queued = await talk.say(streaming, "queued", ask.talk("queued", 3, 5), mayEnd);
      const tool = await talk.say(acting, "tool", ask.call("tool", "sleepy"), mayEnd);
      while (readLedger(cluster.ledger).length === 0) await sleep(50);
      await untilClaimed(at, streaming, 1);
      await sleep(500);
      for (const told of [queued, text, tool]) await talk.cancel(told);
      expectHere(await at.problems()).toEqual([]);
      for (const { threadId, runId } of [text, queued, tool]) {
        const run = await cluster.call(`/api/v1/threads/${threadId}/runs/${runId}`);
        expectHere(run).toMatchObject({ status: "cancelled" });
      }
      const said = Object.values(
        (await cluster.call(`/api/v1/threads/${streaming}/messages`)) ?? {},
      );
      expectHere(said[1]).toMatchObject({ status: "incomplete", reason: "cancelled" });
      const acted = Object.values((await cluster.call(`/api/v1/threads/${acting}/messages`)) ?? {});
      expectHere(acted.at(-1)).toMatchObject({ role: "tool", parts: [{ outcome: "unknown" }] });
    },
  );

  test.concurrent(
    "a run that kills every worker is ended, and the others go on",
    TIMEOUT,
    async ({ expect: expectHere }) => {
      await using at = await begin(name, ["web", "worker"]);
      const { cluster, talk } = at;
      const [bad, good] = [await talk.begin(), await talk.begin()];
      const told = await talk.say(bad, "poison", ask.call("poison", "poison"), { mayEnd: true });
      let deaths = 0;
      const nurse = (async () => {
        while (!isEnded((await cluster.call(runPath(told)))?.["status"]) && deaths < 12) {
          const died = await Promise.race([cluster.ended(1), sleep(500).then(() => "lives")]);
          if (died === "lives") continue;
          deaths += 1;
          await cluster.start(1);
        }
      })();
      await talk.say(good, "fine", ask.talk("fine", 40, 20));
      await nurse;
      expectHere(await at.problems()).toEqual([]);
      expectHere(deaths).toBeGreaterThanOrEqual(2);
      expectHere(deaths).toBeLessThanOrEqual(6);
    },
  );
}

const runPath = ({
  threadId,
  runId,
}: {
  readonly threadId: string;
  readonly runId: string;
}): string => `/api/v1/threads/${threadId}/runs/${runId}`;

/** Resolves when a run of the thread was claimed so often. */
async function untilClaimed(at: Fixture, threadId: string, times: number): Promise<void> {
  while ((await at.claims(threadId)).length < times) await sleep(100);
}

describe("processes on one SQLite file", () => {
  testProcesses("sqlite");
});

await describeServer("postgres", "processes on one PostgreSQL database", () => {
  testProcesses("postgres");
});
