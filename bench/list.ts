import { join } from "node:path";
import type { Engine } from "../src/engine/engine.ts";
import { alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { openProduct, settle } from "./support/product-turns.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const USERS = 10;
const NEWEST = 20;

/** The newest threads of one of ten users, in a file with few threads and in one with many. */
export async function* list({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const taken = await inTempFolder(async (folder) => {
    const few = await withThreads(join(folder, "few.db"), 1_000);
    const many = await withThreads(join(folder, "many.db"), 100_000);
    const newest = (engine: Engine) => async (number: number) => {
      const page = await engine.list({ limit: NEWEST }, { userId: userOf(number) });
      if (page.items.length !== NEWEST)
        throw new Error(`${page.items.length} threads were listed.`);
    };
    try {
      return await alternate({ few: newest(few), many: newest(many) }, { rounds, count: 200 });
    } finally {
      await few.close();
      await many.close();
    }
  });
  const few = taken.few.map(median);
  const many = taken.many.map(median);
  yield {
    what: "20 newest threads of a user among 100,000 against among 1,000",
    bar: atMost(1.5),
    unit: "×",
    measured: spreadOf(ratios(many, few)),
    reference: `of 100,000: ${milliseconds(median(many))}, of 1,000: ${milliseconds(median(few))}`,
  };
}

async function withThreads(path: string, count: number): Promise<Engine> {
  const engine = openProduct(path);
  for (let done = 0; done < count; done += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        engine.create({ title: `Thread ${done + index}` }, { userId: userOf(index) }),
      ),
    );
  await settle(engine);
  return engine;
}

function userOf(number: number): string {
  return `user-${number % USERS}`;
}

if (import.meta.main) await report(import.meta.filename, list);
