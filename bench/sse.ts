import { join } from "node:path";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { startServer, startWorker } from "./support/processes.ts";
import { startProduct, waitForIndex } from "./support/product-server.ts";
import { interleave } from "./support/rounds.ts";
import { atLeast, atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import type { SseJob, SseResult } from "./support/sse-load.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const LOAD = { subscribers: 1_000, perSecond: 50, seconds: 2 } as const;

/** Events of one thread for a thousand subscribers, each behind a durable message, against a fan-out that stores
 *  nothing. The servers have one core, subscribers and publisher have another. */
export async function* sse({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const results: Record<string, SseResult[]> = { product: [], bare: [] };
  const measured = await inTempFolder(async (folder) => {
    const product = await startProduct(join(folder, "product.db"));
    await createThread(product.url);
    const bare = await startServer([join(import.meta.dirname, "support/bare-sse-server.ts")]);
    const load = startWorker<SseJob, SseResult>(join(import.meta.dirname, "support/sse-load.ts"));
    const run = (name: string, url: string) => async (): Promise<number> => {
      const result = await load.run({ url, ...LOAD });
      results[name]?.push(result);
      if (name === "product") await waitForIndex(url);
      return result.p99Ms;
    };
    try {
      return await interleave(
        { product: run("product", product.url), bare: run("bare", bare.url) },
        rounds,
      );
    } finally {
      load.close();
      await product.close();
      await bare.close();
    }
  });
  const shares = (results["product"] ?? []).map(
    ({ delivered, sent }) => delivered / (sent * LOAD.subscribers),
  );
  yield {
    what: "1,000 subscribers × 50 events/s: delivered",
    bar: atLeast(1),
    unit: "%",
    measured: spreadOf(shares),
    reference: `worst round ${(Math.min(...shares) * 100).toFixed(2)} %`,
  };
  const figures = (name: "product" | "bare"): string => {
    const p50 = median((results[name] ?? []).map(({ p50Ms }) => p50Ms));
    return `${name} p50 ${milliseconds(p50)}, p99 ${milliseconds(median(measured[name]))}`;
  };
  yield {
    what: "1,000 subscribers × 50 events/s: p99 delay against a bare server",
    bar: atMost(3),
    unit: "×",
    measured: spreadOf(ratios(measured.product, measured.bare)),
    reference: `${figures("product")}; ${figures("bare")}`,
  };
}

async function createThread(url: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/threads/bench-0/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "The first message makes the thread.", run: false }),
  });
  if (response.status !== 201) throw new Error(`The server answered ${response.status}.`);
}

if (import.meta.main) await report(import.meta.filename, sse);
