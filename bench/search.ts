import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { create, makeWrite } from "../src/store/conformance/fixture.ts";
import { say } from "../src/store/conformance/message-fixture.ts";
import type { Reader } from "../src/store/key.ts";
import { searchPathOf } from "../src/store/sqlite/search-connection.ts";
import { openSearchIndex } from "../src/store/sqlite/search-index.ts";
import type { SearchIndex } from "../src/store/sqlite/search-port.ts";
import { sqliteStore } from "../src/store/sqlite/sqlite-store.ts";

/** One line of a benchmark's answer. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is measured against in the same run. */
  readonly reference?: string;
  /** What must hold, where there is a bar. */
  readonly bar?: { readonly max?: number; readonly min?: number };
}

const MESSAGES = 100_000;
const THREADS = 1_000;
const USERS = 50;
const ROUNDS = 21;
const BATCH = 2_000;
const HITS = 20;

/** Search against plain FTS5 in the same run, over 100,000 messages of about 660 characters in 1,000 threads. The
 *  reference holds the text and answers the same number of rows with its own snippets: a search whose hits cannot be
 *  shown is none. It checks no access, and splits words its own way. */
export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "skein-bench-search-"));
  try {
    const path = join(folder, "skein.db");
    const texts = makeTexts();
    await fill(path, texts);
    const plain = new DatabaseSync(join(folder, "plain.db"));
    const plainRate = fillPlain(plain, texts);
    const index = openSearchIndex({ path });
    const slices = drainUpTo(index, 200, 20_000);
    const drain = drainUpTo(index, BATCH, Number.POSITIVE_INFINITY);
    const rows: BenchRow[] = [
      { name: "drain", value: drain.rowsPerSecond, unit: "rows/s", bar: { min: 20_000 } },
      { name: "drain, plain FTS5", value: plainRate, unit: "rows/s" },
      { name: "longest batch of 2,000", value: drain.longestMs, unit: "ms" },
      {
        name: "append time lost at 2,000 messages/s",
        value: (100 * 2_000) / slices.rowsPerSecond,
        unit: "%",
        bar: { max: 15 },
      },
      {
        name: "index size",
        value: statSync(searchPathOf(path)).size / MESSAGES,
        unit: "bytes/message",
      },
      ...compare(index, plain),
      {
        name: "lag at 2,000 messages/s",
        value: await lagOf(path, index),
        unit: "s",
        bar: { max: 1 },
      },
    ];
    plain.close();
    index.close();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(index: SearchIndex, plain: DatabaseSync): BenchRow[] {
  const select = `SELECT rowid, snippet(plain, 0, '[', ']', '…', 24) FROM plain WHERE plain MATCH ?`;
  const recent = plain.prepare(`${select} ORDER BY rowid DESC LIMIT ?`);
  const rank = plain.prepare(`${select} ORDER BY rank LIMIT ?`);
  const everybody: Reader = { tenant: "acme", user: null };
  const one: Reader = { tenant: "acme", user: "user7" };
  return [
    ...ratio("rare word", { index, who: everybody, text: "needle", order: "rank" }, rank, 3),
    ...ratio("newest first", { index, who: everybody, text: "common", order: "recent" }, recent, 3),
    ...ratio(
      "newest first, one of 50 users",
      { index, who: one, text: "common", order: "recent" },
      recent,
      3,
    ),
    ...ratio("best of 10,000", { index, who: everybody, text: "common", order: "rank" }, rank),
    ...ratio("best, one of 50 users", { index, who: one, text: "common", order: "rank" }, rank),
  ];
}

interface Search {
  readonly index: SearchIndex;
  readonly who: Reader;
  readonly text: string;
  readonly order: "rank" | "recent";
}

/** Median of the ratios of interleaved rounds. */
function ratio(
  name: string,
  { index, who, text, order }: Search,
  reference: StatementSync,
  max?: number,
): BenchRow[] {
  const ours: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ourMs = timeOf(() => index.search(who, { text, order, limit: HITS }));
    const plainMs = timeOf(() => reference.all(text, HITS));
    ours.push(ourMs);
    ratios.push(ourMs / plainMs);
  }
  const bar = max === undefined ? {} : { bar: { max } };
  return [
    {
      name,
      value: median(ratios),
      unit: "×",
      reference: "plain FTS5 with text and snippet()",
      ...bar,
    },
    { name, value: median(ours), unit: "ms" },
  ];
}

function timeOf(work: () => unknown): number {
  const repeats = 10;
  const start = performance.now();
  for (let time = 0; time < repeats; time++) work();
  return (performance.now() - start) / repeats;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function drainUpTo(
  index: SearchIndex,
  slice: number,
  limit: number,
): { readonly rowsPerSecond: number; readonly longestMs: number } {
  const start = performance.now();
  let rows = 0;
  let longestMs = 0;
  while (rows < limit) {
    const before = performance.now();
    const taken = index.catchUp(slice);
    longestMs = Math.max(longestMs, performance.now() - before);
    if (taken === 0) break;
    rows += taken;
  }
  return { rowsPerSecond: (1_000 * rows) / (performance.now() - start), longestMs };
}

/** How far the store's own indexing is behind at worst, in seconds, while 40 messages come every 20 ms. */
async function lagOf(path: string, index: SearchIndex): Promise<number> {
  const store = sqliteStore({ path });
  const key = { tenant: "acme", id: "busy" };
  let head = null;
  let worst = 0;
  let number = MESSAGES;
  const words = "the text of a message as a person or an agent writes it ".repeat(12);
  const start = performance.now();
  for (let tick = 0; tick < 250; tick++) {
    const says = Array.from({ length: 40 }, () => say(`m${number++}`, words));
    const changes = head === null ? [create(key.id), ...says] : says;
    const write = makeWrite(key, head, changes);
    await store.commit([[{ writes: [write] }]]);
    head = write.after;
    worst = Math.max(worst, index.lag());
    await setTimeout(Math.max(0, start + (tick + 1) * 20 - performance.now()));
  }
  await store.close();
  return worst / 2_000;
}

async function fill(path: string, texts: readonly string[]): Promise<void> {
  const store = sqliteStore({ path, synchronous: "NORMAL" });
  const perThread = MESSAGES / THREADS;
  for (let thread = 0; thread < THREADS; thread++) {
    const id = `thread${thread}`;
    const says = texts
      .slice(thread * perThread, (thread + 1) * perThread)
      .map((text, number) => say(`m${thread * perThread + number}`, text));
    const write = makeWrite({ tenant: "acme", id }, null, [
      create(id, { owner: `user${thread % USERS}` }),
      ...says,
    ]);
    await store.commit([[{ writes: [write] }]]);
  }
  await store.close();
}

function fillPlain(plain: DatabaseSync, texts: readonly string[]): number {
  plain.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000;
     CREATE VIRTUAL TABLE plain USING fts5 (text)`,
  );
  const insert = plain.prepare("INSERT INTO plain (rowid, text) VALUES (?, ?)");
  const start = performance.now();
  for (let from = 0; from < texts.length; from += BATCH) {
    plain.exec("BEGIN");
    texts.slice(from, from + BATCH).forEach((text, at) => insert.run(from + at + 1, text));
    plain.exec("COMMIT");
  }
  return (1_000 * texts.length) / (performance.now() - start);
}

/** Words as often as in real text: few of them make up most of it. Five texts have "needle", one in ten "common". */
function makeTexts(): string[] {
  let seed = 1;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return seed / 0x7fff_ffff;
  };
  const words = Array.from({ length: 30_000 }, (_, number) =>
    (number * 7_919 + 46_656).toString(36),
  );
  const word = (): string => words[Math.floor(random() ** 3 * words.length)] ?? "";
  return Array.from({ length: MESSAGES }, (_, number) => {
    const text = Array.from({ length: 20 + Math.floor(random() * 190) }, word);
    if (number % 20_000 === 77) text.push("needle");
    if (number % 10 === 3) text.push("common");
    return `${text.join(" ")}.`;
  });
}
