import { messagesOf, openProduct } from "./product-turns.ts";
import { serveJobs } from "./processes.ts";
import { quantile } from "./statistics.ts";
import { makeTurns, turnAt } from "./turn.ts";

export interface SharedJob {
  readonly path: string;
  /** 0: opens the file and appends once. */
  readonly seconds: number;
}

export interface SharedResult {
  readonly perSecond: number;
  readonly worstMs: number;
  readonly p99Ms: number;
  readonly errors: number;
}

const CLIENTS = 8;

/** Appends to a file that another process appends to as well. */
async function load({ path, seconds }: SharedJob): Promise<SharedResult> {
  const turns = makeTurns();
  const engine = openProduct(path);
  const taken: number[] = [];
  let errors = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const { thread } = await engine.create({ title: "Shared file" });
      do {
        const sentAt = performance.now();
        try {
          await engine.append(thread.id, messagesOf(turnAt(turns, taken.length)));
        } catch (error) {
          console.error(error);
          errors += 1;
        }
        taken.push(performance.now() - sentAt);
      } while (performance.now() - start < seconds * 1_000);
    }),
  );
  const perSecond = (taken.length * 1_000) / (performance.now() - start);
  await engine.close();
  return { perSecond, worstMs: quantile(taken, 1), p99Ms: quantile(taken, 0.99), errors };
}

serveJobs(load);
