import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { report } from "./support/benchmark.ts";
import { growThread } from "./support/grow-thread.ts";
import { openProduct, settle } from "./support/product-turns.ts";
import { atMost, single } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { inTempFolder } from "./support/temp.ts";
import { makeTurns, turnAt } from "./support/turn.ts";

const TOTAL = 100_000;

/** Bytes in the files, after a checkpoint, for each byte of the messages as JSON: id, role, time and text. */
export async function* size(): AsyncGenerator<Row> {
  for (const [length, isBar] of [
    [100, true],
    [1_000, true],
  ] as const) {
    const { log, index, json } = await measure(length);
    const what = `bytes per message, threads of ${length.toLocaleString("en-US")}`;
    const per = (bytes: number): string => Math.round(bytes / TOTAL).toLocaleString("en-US");
    const reference = `JSON ${per(json)} B, log ${per(log)} B, search index ${per(index)} B`;
    yield {
      what: `${what}: without search index ÷ JSON`,
      ...(isBar && { bar: atMost(1.5) }),
      unit: "×",
      measured: single(log / json),
      reference,
    };
    yield {
      what: `${what}: with search index ÷ JSON`,
      ...(isBar && { bar: atMost(2) }),
      unit: "×",
      measured: single((log + index) / json),
      reference,
    };
  }
}

interface Sizes {
  readonly log: number;
  readonly index: number;
  readonly json: number;
}

async function measure(length: number): Promise<Sizes> {
  return inTempFolder(async (folder) => {
    const engine = openProduct(join(folder, "skein.db"));
    const turns = makeTurns(TOTAL / 2);
    for (let number = 0; number < TOTAL / length; number++)
      await growThread(engine, `thread-${number}`, length, turns.slice((number * length) / 2));
    await settle(engine);
    await engine.close();
    return {
      log: settledSize(join(folder, "skein.db")),
      index: settledSize(join(folder, "skein-search.db")),
      json: jsonSize(TOTAL),
    };
  });
}

function settledSize(path: string): number {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  return statSync(path).size;
}

function jsonSize(count: number): number {
  const turns = makeTurns(count / 2);
  const id = `msg_${"0".repeat(26)}`;
  let bytes = 0;
  for (let number = 0; number < count; number++) {
    const { user, assistant } = turnAt(turns, number >> 1);
    const role = number % 2 === 0 ? "user" : "assistant";
    const text = number % 2 === 0 ? user : assistant;
    const parts = [{ type: "text", text }];
    bytes += Buffer.byteLength(JSON.stringify({ id, role, createdAt: 1_700_000_000_000, parts }));
  }
  return bytes;
}

if (import.meta.main) await report(import.meta.filename, size);
