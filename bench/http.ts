import { join } from "node:path";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { figure, milliseconds } from "./support/format.ts";
import type { HttpJob, HttpResult } from "./support/http-load.ts";
import { isPinning, startServer, startWorker } from "./support/processes.ts";
import { startProduct, waitForIndex } from "./support/product-server.ts";
import { interleave } from "./support/rounds.ts";
import { atLeast } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const CONNECTIONS = 64;
const SECONDS = 1.2;

/** Messages that are posted over HTTP and durable when the answer comes: `skein serve` as it is, with its indexing,
 *  against the barest server. The servers have one core, the load has another. */
export async function* http({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const results: Record<string, HttpResult[]> = { product: [], bare: [] };
  const measured = await inTempFolder(async (folder) => {
    const product = await startProduct(join(folder, "product.db"));
    const bare = await startServer([
      join(import.meta.dirname, "support/bare-post-server.ts"),
      join(folder, "bare.db"),
      String(CONNECTIONS),
    ]);
    const load = startWorker<HttpJob, HttpResult>(
      join(import.meta.dirname, "support/http-load.ts"),
    );
    const run = (name: string, url: string) => async (): Promise<number> => {
      const result = await load.run({ url, connections: CONNECTIONS, seconds: SECONDS });
      results[name]?.push(result);
      return result.perSecond;
    };
    const runProduct = run("product", product.url);
    try {
      return await interleave(
        {
          product: async () => {
            const perSecond = await runProduct();
            await waitForIndex(product.url);
            return perSecond;
          },
          bare: run("bare", bare.url),
        },
        rounds,
      );
    } finally {
      load.close();
      await product.close();
      await bare.close();
    }
  });
  const figures = (name: "product" | "bare"): string => {
    const p99 = median((results[name] ?? []).map(({ p99Ms }) => p99Ms));
    return `${name} ${figure(median(measured[name]))} requests/s, p99 ${milliseconds(p99)}`;
  };
  yield {
    what: `durable POST, 64 connections${isPinning ? "" : " (not pinned)"}: share of node:http + raw SQL`,
    bar: atLeast(0.7),
    unit: "%",
    measured: spreadOf(ratios(measured.product, measured.bare)),
    reference: `${figures("product")}; ${figures("bare")}`,
  };
}

if (import.meta.main) await report(import.meta.filename, http);
