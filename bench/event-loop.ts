import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { productTurns } from "./support/product-turns.ts";
import { interleave } from "./support/rounds.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import { makeTurns, turnAt } from "./support/turn.ts";

const THREADS = 64;
const TICK_MS = 4;
const MESSAGES_PER_TICK = 8;
const SECONDS = 2;

/** How long the event loop is kept from other work while 2,000 messages are appended per second. */
export async function* eventLoop({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const turns = makeTurns();
  const measured = await inTempFolder(async (folder) => {
    const inWorkers = await productTurns(join(folder, "workers.db"), {
      threads: THREADS,
      inWorkers: true,
    });
    const inThread = await productTurns(join(folder, "thread.db"), { threads: THREADS });
    // A turn is two messages.
    const append = (store: typeof inThread) => (number: number) =>
      store.append(number % THREADS, turnAt(turns, number));
    const contestants = {
      inWorkers: async () => delayOf(append(inWorkers), () => inWorkers.settle()),
      inThread: async () => delayOf(append(inThread), () => inThread.settle()),
      idle: () => delayOf(async () => {}),
    };
    try {
      return await interleave(contestants, rounds);
    } finally {
      await inWorkers.close();
      await inThread.close();
    }
  });
  const { inWorkers, inThread, idle } = measured;
  yield {
    what: "event loop delay p99, 2,000 messages/s, worker mode, against idle",
    bar: atMost(3),
    unit: "×",
    measured: spreadOf(ratios(inWorkers, idle)),
    reference: `busy ${milliseconds(median(inWorkers))}, idle ${milliseconds(median(idle))}`,
  };
  yield {
    what: "event loop delay p99, 2,000 messages/s, in-thread, against idle",
    unit: "×",
    measured: spreadOf(ratios(inThread, idle)),
    reference: `busy ${milliseconds(median(inThread))}`,
  };
}

/** The 99th percentile of the loop's delay in ms while `append` is called at an even pace. */
async function delayOf(
  append: (number: number) => Promise<void>,
  settle: () => Promise<void> = async () => {},
): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const pending: Promise<void>[] = [];
  let number = 0;
  const start = performance.now();
  histogram.enable();
  for (let tick = 1; tick * TICK_MS <= SECONDS * 1_000; tick++) {
    for (let count = 0; count < MESSAGES_PER_TICK / 2; count++) pending.push(append(number++));
    await setTimeout(Math.max(0, start + tick * TICK_MS - performance.now()));
  }
  histogram.disable();
  await Promise.all(pending);
  await settle();
  return histogram.percentile(99) / 1_000_000;
}

if (import.meta.main) await report(import.meta.filename, eventLoop);
