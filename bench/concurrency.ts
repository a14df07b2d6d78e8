import { join } from "node:path";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { figure, milliseconds } from "./support/format.ts";
import { openProduct } from "./support/product-turns.ts";
import { startWorker } from "./support/processes.ts";
import { atLeast, atMost, single } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import type { SharedJob, SharedResult } from "./support/shared-load.ts";
import { spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const APPENDERS = 64;
const APPENDS_EACH = 20;
const SECONDS = 2;

/** Many writers of one thread, and two processes on one file. */
export async function* concurrency({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  yield await oneThread();
  yield* await twoProcesses(Math.max(1, Math.ceil(rounds / 3)));
}

async function oneThread(): Promise<Row> {
  return inTempFolder(async (folder) => {
    const engine = openProduct(join(folder, "product.db"));
    const { thread } = await engine.create({ id: "shared", title: "Shared" });
    const start = performance.now();
    const acknowledged = await Promise.all(
      Array.from({ length: APPENDERS }, async (_, appender) => {
        const ids: string[] = [];
        for (let number = 0; number < APPENDS_EACH; number++) {
          const content = `message ${number} of appender ${appender}`;
          const { messages } = await engine.append(thread.id, { messages: [{ content }] });
          for (const { id } of messages) ids.push(id);
        }
        return ids;
      }),
    );
    const seconds = (performance.now() - start) / 1_000;
    const wanted = new Set(acknowledged.flat());
    const entries = [];
    for (let after = 0; ; after += 1_000) {
      const page = await engine.log(thread.id, { after, limit: 1_000 });
      entries.push(...page);
      if (page.length < 1_000) break;
    }
    await engine.close();
    const isGapless = entries.every(({ version }, index) => version === index + 1);
    const kept = entries.filter(
      (entry) => entry.op === "message.append" && wanted.delete(entry.data.message.id),
    );
    const share = isGapless ? kept.length / (APPENDERS * APPENDS_EACH) : 0;
    return {
      what: `${APPENDERS} appenders on one thread: kept, in gapless versions`,
      bar: atLeast(1),
      unit: "%",
      measured: single(share),
      reference: `${kept.length} of ${APPENDERS * APPENDS_EACH}, ${figure(kept.length / seconds)} appends/s`,
    };
  });
}

async function twoProcesses(rounds: number): Promise<readonly Row[]> {
  const path = join(import.meta.dirname, "support/shared-load.ts");
  const pairs: (readonly [SharedResult, SharedResult])[] = [];
  for (let round = 0; round < rounds; round++)
    await inTempFolder(async (folder) => {
      const file = join(folder, "shared.db");
      const [one, two] = [
        startWorker<SharedJob, SharedResult>(path),
        startWorker<SharedJob, SharedResult>(path),
      ];
      const prepare = { path: file, seconds: 0 };
      await Promise.all([one.run(prepare), two.run(prepare)]);
      const job = { path: file, seconds: SECONDS };
      pairs.push(await Promise.all([one.run(job), two.run(job)]));
      one.close();
      two.close();
    });
  const both = pairs.flat();
  const errors = both.reduce((sum, result) => sum + result.errors, 0);
  const example = pairs.at(-1);
  const text = (result: SharedResult | undefined): string =>
    `${figure(result?.perSecond ?? 0)} turns/s`;
  return [
    {
      what: "two processes on one file, 8 clients each: errors",
      bar: atMost(0),
      unit: "count",
      measured: single(errors),
      reference: `${rounds} rounds of ${SECONDS} s`,
    },
    {
      what: "two processes on one file: throughput of the slower ÷ the faster",
      bar: atLeast(0.33),
      unit: "%",
      measured: spreadOf(
        pairs.map(
          ([a, b]) => Math.min(a.perSecond, b.perSecond) / Math.max(a.perSecond, b.perSecond),
        ),
      ),
      reference: `last round ${text(example?.[0])} and ${text(example?.[1])}`,
    },
    {
      what: "two processes on one file: worst wait for an append",
      bar: atMost(1_000),
      unit: "ms",
      measured: spreadOf(pairs.map(([a, b]) => Math.max(a.worstMs, b.worstMs))),
      reference: `p99 ${milliseconds(Math.max(...both.map(({ p99Ms }) => p99Ms)))}`,
    },
  ];
}

if (import.meta.main) await report(import.meta.filename, concurrency);
