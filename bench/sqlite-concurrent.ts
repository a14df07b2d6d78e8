import { join } from "node:path";
import { barestLog } from "./support/barest-log.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { figure } from "./support/format.ts";
import { productTurns } from "./support/product-turns.ts";
import { proveSameRows } from "./support/prove-same-rows.ts";
import { rawTurns } from "./support/raw-turns.ts";
import { interleave } from "./support/rounds.ts";
import { atLeast } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import { throughput } from "./support/turn-store.ts";
import type { Load, TurnStore } from "./support/turn-store.ts";
import { makeTurns } from "./support/turn.ts";

const CLIENTS = 64;

/** 64 clients that each wait for their own turn: how much of the raw group commit is left. */
export async function* sqliteConcurrent({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  yield* measure({ rounds, threads: CLIENTS, turnsEach: 64, isBar: true });
  yield* measure({ rounds, threads: 5_000, turnsEach: 80, isBar: false });
}

interface Case extends BenchmarkOptions {
  readonly threads: number;
  readonly turnsEach: number;
  readonly isBar: boolean;
}

async function* measure({ rounds, threads, turnsEach, isBar }: Case): AsyncGenerator<Row> {
  const turns = makeTurns();
  const load: Load = { clients: CLIENTS, turnsEach, threads };
  const measured = await inTempFolder(async (folder) => {
    const path = (name: string): string => join(folder, `${name}.db`);
    const product = await productTurns(path("product"), { threads });
    const inWorkers = await productTurns(path("threads"), { threads, inWorkers: true });
    const raw = rawTurns(path("raw"), { threads, isGrouped: true });
    const barest = barestLog(path("barest"), { threads });
    const run = (store: TurnStore) => async (): Promise<number> => {
      const perSecond = await throughput(store, turns, load);
      await store.settle();
      return perSecond;
    };
    await proveSameRows(product, raw, { product: path("product"), raw: path("raw") });
    const contestants = {
      product: run(product),
      inWorkers: run(inWorkers),
      raw: run(raw),
      barest: run(barest),
    };
    try {
      return await interleave(contestants, rounds);
    } finally {
      for (const store of [product, inWorkers, raw, barest]) await store.close();
    }
  });
  const { product, inWorkers, raw, barest } = measured;
  const what = `64 concurrent turns, ${threads.toLocaleString("en-US")} threads, FULL`;
  const speed = (sample: readonly number[]): string => `${figure(median(sample))} turns/s`;
  yield {
    what: `${what}: share of raw SQL`,
    ...(isBar && { bar: atLeast(0.6) }),
    unit: "%",
    measured: spreadOf(ratios(product, raw)),
    reference: `product ${speed(product)}, raw ${speed(raw)}`,
  };
  yield {
    what: `${what}: share of the barest log`,
    unit: "%",
    measured: spreadOf(ratios(product, barest)),
    reference: `barest ${speed(barest)}`,
  };
  yield {
    what: `${what}: the same in a worker thread`,
    unit: "%",
    measured: spreadOf(ratios(inWorkers, raw)),
    reference: `product ${speed(inWorkers)}`,
  };
}

if (import.meta.main) await report(import.meta.filename, sqliteConcurrent);
