import { join } from "node:path";
import { alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { productTurns } from "./support/product-turns.ts";
import { proveSameRows } from "./support/prove-same-rows.ts";
import { rawTurns } from "./support/raw-turns.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, quantile, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import type { TurnStore } from "./support/turn-store.ts";
import { makeTurns, turnAt } from "./support/turn.ts";

const THREADS = 200;
const COUNT = 400;

/** One turn after another: how much longer than a commit by hand it takes until a turn is durable. */
export async function* sqliteSingle({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const turns = makeTurns();
  const taken = await inTempFolder(async (folder) => {
    const paths = { product: join(folder, "product.db"), raw: join(folder, "raw.db") };
    const product = await productTurns(paths.product, { threads: THREADS });
    const raw = rawTurns(paths.raw, { threads: THREADS, isGrouped: false });
    const append = (store: TurnStore) => (number: number) =>
      store.append(number % THREADS, turnAt(turns, number));
    try {
      await proveSameRows(product, raw, paths);
      return await alternate(
        { product: append(product), raw: append(raw) },
        { rounds, count: COUNT },
      );
    } finally {
      await product.close();
      await raw.close();
    }
  });
  const product = taken.product.map(median);
  const raw = taken.raw.map(median);
  const p99 = (sample: readonly (readonly number[])[]): string =>
    milliseconds(quantile(sample.flat(), 0.99));
  yield {
    what: "one turn at a time, FULL, p50: cost against raw SQL",
    bar: atMost(1.5),
    unit: "×",
    measured: spreadOf(ratios(product, raw)),
    reference:
      `product p50 ${milliseconds(median(product))}, p99 ${p99(taken.product)}; ` +
      `raw p50 ${milliseconds(median(raw))}, p99 ${p99(taken.raw)}`,
  };
}

if (import.meta.main) await report(import.meta.filename, sqliteSingle);
