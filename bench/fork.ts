import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Engine } from "../src/engine/engine.ts";
import { alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { growThread } from "./support/grow-thread.ts";
import { messagesOf, openProduct, settle } from "./support/product-turns.ts";
import { openRaw } from "./support/raw-schema.ts";
import { atMost, single } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import { makeTurns, turnAt } from "./support/turn.ts";

const LENGTH = 10_000;
const DEPTH = 100;
const PAGE = 50;

/** Forks of long threads, and pages of forks of forks. */
export async function* fork({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const rows = await inTempFolder(async (folder) => {
    const path = join(folder, "product.db");
    const engine = openProduct(path);
    try {
      await growThread(engine, "origin", LENGTH, makeTurns());
      await settle(engine);
      return [
        await forkCost(engine, join(folder, "raw.db"), rounds),
        await copiedMessages(engine, path),
        await deepPage(engine, rounds),
      ];
    } finally {
      await engine.close();
    }
  });
  yield* rows;
}

async function forkCost(engine: Engine, rawPath: string, rounds: number): Promise<Row> {
  const raw = openRaw(rawPath, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  const insert = raw.prepare("INSERT INTO note (text) VALUES (?)");
  const taken = await alternate(
    { product: () => engine.fork("origin"), raw: (number) => void insert.run(`note ${number}`) },
    { rounds, count: 100 },
  );
  raw.close();
  const product = taken.product.map(median);
  const byHand = taken.raw.map(median);
  return {
    what: "fork of 10,000 messages: cost against a commit of one row",
    bar: atMost(2),
    unit: "×",
    measured: spreadOf(ratios(product, byHand)),
    reference: `fork ${milliseconds(median(product))}, one row ${milliseconds(median(byHand))}`,
  };
}

async function copiedMessages(engine: Engine, path: string): Promise<Row> {
  const before = countMessages(path);
  await engine.fork("origin");
  return {
    what: "message rows that a fork of 10,000 messages writes",
    bar: atMost(0),
    unit: "count",
    measured: single(countMessages(path) - before),
    reference: `${before.toLocaleString("en-US")} message rows before`,
  };
}

function countMessages(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database
    .prepare("SELECT count(*) AS found FROM skein_entry WHERE role IS NOT NULL")
    .get();
  database.close();
  return Number(row?.["found"]);
}

/** Each fork adds a turn to what it was forked from, so that a page crosses 25 of them. */
async function deepPage(engine: Engine, rounds: number): Promise<Row> {
  const turns = makeTurns();
  await growThread(engine, "flat", DEPTH * 2, turns);
  let deepest = "origin-of-forks";
  await growThread(engine, deepest, 2, turns);
  for (let depth = 1; depth <= DEPTH; depth++) {
    const next = `fork-${depth}`;
    await engine.fork(deepest, { id: next });
    await engine.append(next, messagesOf(turnAt(turns, depth)));
    deepest = next;
  }
  await settle(engine);
  const page = (id: string) => async () => {
    const { messages } = await engine.messages(id, { limit: PAGE });
    if (messages.length !== PAGE) throw new Error(`${messages.length} messages were read.`);
  };
  const taken = await alternate(
    { deep: page(deepest), flat: page("flat") },
    { rounds, count: 200 },
  );
  const deep = taken.deep.map(median);
  const flat = taken.flat.map(median);
  return {
    what: "last 50 messages of a fork of depth 100 against an own thread",
    bar: atMost(3),
    unit: "×",
    measured: spreadOf(ratios(deep, flat)),
    reference: `deep ${milliseconds(median(deep))}, own ${milliseconds(median(flat))}`,
  };
}

if (import.meta.main) await report(import.meta.filename, fork);
