import { setTimeout as sleep } from "node:timers/promises";
import { postgresStore } from "../src/store/postgres/postgres-store.ts";
import { startCluster } from "../test/faults-runs/cluster.ts";
import type { Cluster } from "../test/faults-runs/cluster.ts";
import type { Accepted } from "../test/faults-runs/invariants/scan-accepted.ts";
import { scanInvariants } from "../test/faults-runs/invariants/scan-invariants.ts";
import { randomFrom } from "../test/faults-runs/random.ts";
import { missingServer, postgresUrl } from "../test/support/servers/servers.ts";
import { report } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { atMost, single } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { quantile, spreadOf } from "./support/statistics.ts";
import { timedModel } from "./support/timed-model.ts";
import type { TimedModel } from "./support/timed-model.ts";

const TURNS = 10;
const KILL_EVERY_MS = 2_000;
const WEB = [0, 1] as const;
const WORKERS = [2, 3, 4] as const;

/** Two servers and three workers on one PostgreSQL, and conversations of ten turns each. How long from a question to the end of its
 *  run, without the time that the model took? Also with more of them than the workers take at once, so that they wait for
 *  one another, and while workers are killed at random and come up again. Then everything that must hold is scanned. */
export async function* turns(): AsyncGenerator<Row> {
  if ((await missingServer("postgres")) !== undefined) return;
  yield* measured("8 at once", { threads: 8, isKilling: false });
  yield* measured("200 at once", { threads: 200, isKilling: false });
  yield* measured("200 at once, workers killed", { threads: 200, isKilling: true });
}

async function* measured(
  what: string,
  { threads: count, isKilling }: { readonly threads: number; readonly isKilling: boolean },
): AsyncGenerator<Row> {
  const url = await postgresUrl();
  const model = await timedModel();
  await using cluster = await startCluster({
    store: url,
    modelUrl: model.url,
    nodes: ["web", "web", "worker", "worker", "worker"],
  });
  const accepted: Accepted[] = [];
  const overheads: number[] = [];
  const over = new AbortController();
  const start = performance.now();
  const killing = isKilling ? killWorkers(cluster, over.signal) : Promise.resolve(0);
  const threads = Array.from({ length: count }, (_, thread) => thread);
  await Promise.all(
    threads.map(async (thread) => {
      for (let turn = 0; turn < TURNS; turn++) {
        const told = await ask(cluster, model, thread, turn);
        accepted.push(told.accepted);
        overheads.push(told.overheadMs);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  over.abort();
  const kills = await killing;
  const store = postgresStore(url);
  const problems = await scanInvariants({
    store,
    ledger: cluster.ledger,
    accepted,
    threadIds: threads.map(threadId),
    isQuiet: true,
  });
  await store.close();
  await cluster.stop();
  await model.close();
  const figures = [0.5, 0.95, 0.99].map(
    (q) => `p${q * 100} ${milliseconds(quantile(overheads, q))}`,
  );
  yield {
    what: `a turn without its model: ${what}`,
    unit: "ms",
    measured: spreadOf(overheads),
    reference: `${figures.join(", ")}; ${Math.round(accepted.length / seconds)} turns/s, ${kills} kills`,
  };
  yield {
    what: `questions not answered once, in order: ${what}`,
    bar: atMost(0),
    unit: "count",
    measured: single(problems.length + count * TURNS - accepted.length),
    reference: problems[0] ?? `${accepted.length} messages, all invariants hold`,
  };
}

const threadId = (thread: number): string => `bench-${thread}`;

async function ask(
  cluster: Cluster,
  model: TimedModel,
  thread: number,
  turn: number,
): Promise<{ readonly accepted: Accepted; readonly overheadMs: number }> {
  const tag = `q${thread}x${turn}`;
  const url = `${cluster.url(WEB[thread % 2 === 0 ? 0 : 1])}/api/v1/threads/${threadId(thread)}/messages`;
  const start = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": tag },
    body: JSON.stringify({ message: tag, wait: true }),
  });
  const answer = Object(await response.json());
  if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(answer)}`);
  const { message, run } = answer;
  const accepted = { threadId: threadId(thread), messageId: message.id, runId: run.id };
  return {
    accepted: { ...accepted, text: tag, tag },
    overheadMs: performance.now() - start - model.tookMs(tag),
  };
}

/** Kills one after another, each time any, and starts it again. Answers how many it were. */
async function killWorkers(cluster: Cluster, signal: AbortSignal): Promise<number> {
  const random = randomFrom(4_711);
  let kills = 0;
  while (!signal.aborted) {
    await sleep(KILL_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const worker = WORKERS[random.below(WORKERS.length)] ?? WORKERS[0];
    await cluster.kill(worker);
    kills += 1;
    await cluster.start(worker);
  }
  return kills;
}

if (import.meta.main) await report(import.meta.filename, turns);
