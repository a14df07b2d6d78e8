import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSkein } from "../src/agents/create-skein.ts";
import type { Skein } from "../src/agents/skein.ts";
import { storeAt } from "../src/cli/open-store.ts";
import { missingServer, postgresUrl } from "../test/support/servers/servers.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const MAIN = join(import.meta.dirname, "../src/cli/main.ts");
const LOOK_MS = 10;
// Each takes about as long as a process counts as alive.
const MOST_STOPS = 2;
const MOST_KILLS = 5;

interface Fault {
  readonly what: string;
  readonly barMs: number;
  readonly mostRounds: number;
  readonly signal: "SIGKILL" | "SIGSTOP";
  /** Whether another worker is there already, or the dead one is started again. */
  readonly hasOther: boolean;
}

const FAULTS: readonly Fault[] = [
  {
    what: "killed, and started again",
    barMs: 5_000,
    mostRounds: MOST_KILLS,
    signal: "SIGKILL",
    hasOther: false,
  },
  {
    what: "killed, and taken over by another",
    barMs: 20_000,
    mostRounds: MOST_KILLS,
    signal: "SIGKILL",
    hasOther: true,
  },
  {
    what: "stopped, and taken over by another",
    barMs: 20_000,
    mostRounds: MOST_STOPS,
    signal: "SIGSTOP",
    hasOther: true,
  },
];

/** A worker dies, or is stopped, in the middle of an answer; when has another process the run? */
export async function* takeover({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const hasPostgres = (await missingServer("postgres")) === undefined;
  for (const [name, openStore] of [
    ["SQLite", async (folder: string) => `sqlite:${folder}/skein.db`],
    ...(hasPostgres ? ([["PostgreSQL", postgresUrl]] as const) : []),
  ] as const)
    for (const fault of FAULTS) {
      const times: number[] = [];
      for (let round = 0; round < Math.min(rounds, fault.mostRounds); round++)
        times.push(await inTempFolder(async (folder) => measure(await openStore(folder), fault)));
      yield {
        what: `${name}: a worker that is ${fault.what}`,
        bar: atMost(fault.barMs),
        unit: "ms",
        measured: spreadOf(times),
        reference: `from the signal to the next claim; worst ${milliseconds(Math.max(...times))}`,
      };
    }
}

async function measure(store: string, { signal, hasOther }: Fault): Promise<number> {
  const workers: ChildProcess[] = [];
  const add = async (): Promise<ChildProcess> => {
    const worker = startWorker(store);
    workers.push(worker);
    return worker;
  };
  await using skein = createSkein({ store: await storeAt(store, false), worker: false });
  try {
    const victim = await add();
    await working(victim);
    const claimed = await askSlowly(skein);
    if (hasOther) await working(await add());
    victim.kill(signal);
    const startedAt = performance.now();
    if (!hasOther) await add();
    await fenceAbove(skein, claimed);
    return performance.now() - startedAt;
  } finally {
    for (const worker of workers) {
      const ended = once(worker, "exit");
      worker.kill("SIGKILL");
      if (worker.exitCode === null && worker.signalCode === null) await ended;
    }
  }
}

interface Claimed {
  readonly runId: string;
  readonly fence: number;
}

/** Asks for an answer that takes longer than any takeover, and waits until somebody works on it. */
async function askSlowly(skein: Skein): Promise<Claimed> {
  const { run } = await skein.create({
    id: "t",
    messages: [{ content: "Tell a story." }],
    run: {},
  });
  return fenceAbove(skein, { runId: run?.id ?? "", fence: 0 });
}

async function fenceAbove(skein: Skein, { runId, fence }: Claimed): Promise<Claimed> {
  for (;;) {
    const found = await skein.run("t", runId);
    if (found.fence > fence) return { runId, fence: found.fence };
    if (found.endedAt !== undefined) throw new Error(`The run ended as ${found.status}.`);
    await sleep(LOOK_MS);
  }
}

function startWorker(store: string): ChildProcess {
  return spawn(
    process.execPath,
    ["--conditions=skein-source", MAIN, "serve", "--worker", "--store", store],
    {
      env: { ...process.env, SKEIN_DEMO_DELAY_MS: "2000" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
}

async function working(worker: ChildProcess): Promise<void> {
  if (worker.stdout !== null)
    for await (const chunk of worker.stdout) if (String(chunk).includes("working")) return;
  throw new Error("A worker ended before it worked.");
}

if (import.meta.main) await report(import.meta.filename, takeover);
