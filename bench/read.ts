import { join } from "node:path";
import type { Engine } from "../src/engine/engine.ts";
import type { Message } from "../src/model/message.ts";
import { alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { milliseconds } from "./support/format.ts";
import { growThread } from "./support/grow-thread.ts";
import { openProduct, settle } from "./support/product-turns.ts";
import { rawReader } from "./support/raw-messages.ts";
import { interleave } from "./support/rounds.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import { makeTurns } from "./support/turn.ts";

const LENGTHS = [10, 100, 10_000, 100_000] as const;
const PAGE = 50;
const MEBIBYTE = 1_048_576;

/** Pages and whole threads, through the engine, against SQL over the same tables in the same file. */
export async function* read({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const rows = await inTempFolder(async (folder) => {
    const path = join(folder, "product.db");
    const engine = openProduct(path);
    try {
      for (const length of LENGTHS) await growThread(engine, idOf(length), length, makeTurns());
      await settle(engine);
      return [
        ...(await pages(engine, path, rounds)),
        await heapGrowth(engine, rounds),
        ...(await everything(engine, path, rounds)),
      ];
    } finally {
      await engine.close();
    }
  });
  yield* rows;
}

async function pages(engine: Engine, path: string, rounds: number): Promise<readonly Row[]> {
  const raw = rawReader(path);
  const page = (length: number) => () => engine.messages(idOf(length), { limit: PAGE });
  const taken = await alternate(
    {
      long: page(100_000),
      short: page(100),
      raw: () => void raw.last(idOf(100_000), PAGE).toReversed(),
    },
    { rounds, count: 200 },
  );
  raw.close();
  const long = taken.long.map(median);
  const short = taken.short.map(median);
  const byHand = taken.raw.map(median);
  return [
    {
      what: "last 50 of 100,000 messages: cost against raw SQL",
      bar: atMost(2),
      unit: "×",
      measured: spreadOf(ratios(long, byHand)),
      reference: `product ${milliseconds(median(long))}, raw ${milliseconds(median(byHand))}`,
    },
    {
      what: "last 50 of 100,000 messages against last 50 of 100",
      bar: atMost(1.15),
      unit: "×",
      measured: spreadOf(ratios(long, short)),
      reference: `of 100,000: ${milliseconds(median(long))}, of 100: ${milliseconds(median(short))}`,
    },
  ];
}

/** How much more memory a page of a long thread takes than one of a short thread. */
async function heapGrowth(engine: Engine, rounds: number): Promise<Row> {
  const growth = (length: number) => async (): Promise<number> => {
    const before = process.memoryUsage().heapUsed;
    await engine.messages(idOf(length), { limit: PAGE });
    return (process.memoryUsage().heapUsed - before) / MEBIBYTE;
  };
  const { long, short } = await interleave({ long: growth(100_000), short: growth(10) }, rounds);
  collectGarbage();
  return {
    what: "heap growth of last 50 of 100,000, beyond the same call at 10 messages",
    bar: atMost(1),
    unit: "MiB",
    measured: spreadOf(long.map((bytes, round) => bytes - (short[round] ?? 0))),
    reference: `of 100,000: ${median(long).toFixed(2)} MiB, of 10: ${median(short).toFixed(2)} MiB`,
  };
}

interface Found {
  readonly length: number;
}

async function everything(engine: Engine, path: string, rounds: number): Promise<readonly Row[]> {
  const raw = rawReader(path);
  const time = (read: () => Promise<Found> | Found, count: number) => async () => {
    const start = performance.now();
    const { length } = await read();
    const taken = performance.now() - start;
    if (length !== count) throw new Error(`${length} messages were read instead of ${count}.`);
    return taken;
  };
  const taken = await interleave(
    {
      product10k: time(() => readAll(engine, idOf(10_000)), 10_000),
      raw10k: time(() => raw.all(idOf(10_000)), 10_000),
      product100k: time(() => readAll(engine, idOf(100_000)), 100_000),
      raw100k: time(() => raw.all(idOf(100_000)), 100_000),
    },
    rounds,
  );
  raw.close();
  const { product10k, raw10k, product100k, raw100k } = taken;
  const figures = (product: readonly number[], byHand: readonly number[]): string =>
    `product ${milliseconds(median(product))}, raw ${milliseconds(median(byHand))}`;
  return [
    {
      what: "everything, 10,000 messages, pages of 200: cost against raw SQL",
      bar: atMost(1.5),
      unit: "×",
      measured: spreadOf(ratios(product10k, raw10k)),
      reference: figures(product10k, raw10k),
    },
    {
      what: "everything, 100,000 messages, pages of 200: cost against raw SQL",
      bar: atMost(1.5),
      unit: "×",
      measured: spreadOf(ratios(product100k, raw100k)),
      reference: figures(product100k, raw100k),
    },
    {
      what: "everything: 100,000 against ten times 10,000 (1 = linear)",
      bar: atMost(1.5),
      unit: "×",
      measured: spreadOf(ratios(product100k, product10k).map((ratio) => ratio / 10)),
      reference: `raw ${median(ratios(raw100k, raw10k).map((ratio) => ratio / 10)).toFixed(2)}×`,
    },
  ];
}

/** Every message in memory, by pages. */
async function readAll(engine: Engine, id: string): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (let before: string | undefined; ;) {
    const page = await engine.messages(id, {
      limit: 200,
      order: "desc",
      ...(before && { before }),
    });
    messages.push(...page.messages);
    if (!page.hasOlder) return messages.toReversed();
    before = messages.at(-1)?.id;
  }
}

function idOf(length: number): string {
  return `thread-${length}`;
}

if (import.meta.main) await report(import.meta.filename, read);
