import { join } from "node:path";
import { WARM_UP_ROUNDS, alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { growThread } from "./support/grow-thread.ts";
import { messagesOf, openProduct, settle } from "./support/product-turns.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import { makeTurns, turnAt } from "./support/turn.ts";

const LONG = 100_000;
const SHORT = 10;
const COUNT = 300;
/** So that a short thread stays short. */
const TURNS_PER_SHORT_THREAD = 5;

/** Whether an append costs more at the end of a long thread. Long and short threads are in one file. */
export async function* flat({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const turns = makeTurns();
  const taken = await inTempFolder(async (folder) => {
    const engine = openProduct(join(folder, "product.db"));
    try {
      await growThread(engine, "long", LONG, turns);
      const shortThreads = ((rounds + WARM_UP_ROUNDS) * COUNT) / TURNS_PER_SHORT_THREAD;
      for (let number = 0; number < shortThreads; number++)
        await growThread(engine, `short-${number}`, SHORT, turns);
      await settle(engine);
      const append = (id: string, number: number) =>
        engine.append(id, messagesOf(turnAt(turns, number)));
      return await alternate(
        {
          long: (number) => append("long", number),
          short: (number) => append(`short-${number % shortThreads}`, number),
        },
        { rounds, count: COUNT },
      );
    } finally {
      await engine.close();
    }
  });
  const long = taken.long.map(median);
  const short = taken.short.map(median);
  yield {
    what: "append at 100,000 messages against append at 10, p50",
    bar: atMost(1.15),
    unit: "×",
    measured: spreadOf(ratios(long, short)),
    reference: `at 100,000: ${milliseconds(median(long))}, at 10: ${milliseconds(median(short))}`,
  };
}

if (import.meta.main) await report(import.meta.filename, flat);
