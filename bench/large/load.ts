import type { Engine } from "../../src/engine/engine.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { idAt, threadAt } from "./corpus.ts";

const THREADS_AT_ONCE = 512;
const TELL_EVERY_MS = 10_000;

/** Fills a store with threads `0` to `total - 1` by commits of the engine, in groups; continues where an earlier call
 *  stopped. Stops early behind `untilMs` (on the clock of `performance.now`). Answers how many there are. */
export async function loadThreads(
  engine: Engine,
  total: number,
  untilMs: number,
  tell: Tell,
): Promise<number> {
  const first = await countLoaded(engine, total);
  const start = performance.now();
  let told = start;
  let done = first;
  while (done < total && performance.now() < untilMs) {
    const size = Math.min(THREADS_AT_ONCE, total - done);
    await Promise.all(
      Array.from({ length: size }, (_, index) => createAt(engine, done + index, total)),
    );
    done += size;
    if (done < total && performance.now() - told < TELL_EVERY_MS) continue;
    told = performance.now();
    tell(`${done.toLocaleString("en-US")} threads, ${rate(done - first, start)} per second`);
  }
  return done;
}

/** Brings lists and search index up to date, or stops behind `untilMs`. Answers what is left to index. */
export async function catchUp(engine: Engine, untilMs: number, tell: Tell): Promise<number> {
  await engine.list({ limit: 1 });
  let told = performance.now();
  let lag = await indexLag(engine);
  while (lag > 0 && performance.now() < untilMs) {
    lag = await indexLag(engine);
    if (performance.now() - told < TELL_EVERY_MS) continue;
    told = performance.now();
    tell(`search index: ${lag.toLocaleString("en-US")} to go`);
  }
  return lag;
}

type Tell = (line: string) => void;

/** Another thread of the group may be there from a load that was interrupted. */
async function createAt(engine: Engine, number: number, total: number): Promise<void> {
  const { input, userId } = threadAt(number, total);
  try {
    await engine.create(input, { userId });
  } catch (error) {
    if (!isSkeinError(error) || error.code !== "id_conflict") throw error;
  }
}

/** How many are there without a gap: groups are committed one after another, but each of them in any order. */
async function countLoaded(engine: Engine, total: number): Promise<number> {
  const isThere = async (number: number): Promise<boolean> =>
    (await engine.getMany([idAt(number)]))[0] != null;
  let low = 0;
  let high = Math.ceil(total / THREADS_AT_ONCE);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isThere(middle * THREADS_AT_ONCE)) low = middle + 1;
    else high = middle;
  }
  let count = Math.max(0, low - 1) * THREADS_AT_ONCE;
  while (count < Math.min(total, low * THREADS_AT_ONCE) && (await isThere(count))) count += 1;
  return count;
}

async function indexLag(engine: Engine): Promise<number> {
  return (await engine.search({ text: "nothing", limit: 1 })).indexLag;
}

function rate(count: number, since: number): string {
  return Math.round((count * 1_000) / Math.max(1, performance.now() - since)).toLocaleString(
    "en-US",
  );
}
