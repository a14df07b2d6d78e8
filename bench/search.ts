import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { create, makeWrite } from "../src/store/conformance/fixture.ts";
import { say } from "../src/store/conformance/message-fixture.ts";
import type { SearchQuery } from "../src/store/search.ts";
import { searchPathOf } from "../src/store/sqlite/search-connection.ts";
import { openSearchIndex } from "../src/store/sqlite/search-index.ts";
import { openTestLog } from "../src/store/sqlite/search-log.test-support.ts";
import type { TestLog } from "../src/store/sqlite/search-log.test-support.ts";
import type { SearchIndex } from "../src/store/sqlite/search-port.ts";
import { sqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { figure } from "./support/format.ts";
import { interleave } from "./support/rounds.ts";
import { atLeast, atMost, single } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";
import { randomFrom } from "./support/turn.ts";

const MESSAGES = 100_000;
const THREADS = 1_000;
const USERS = 50;
const PER_SECOND = 2_000;
const BATCH = 2_000;

/** Search over 100,000 messages in 1,000 threads against plain FTS5. The reference holds the text and answers as many
 *  rows with snippets of its own: hits that cannot be shown are no search. It checks no access. */
export async function* search({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const log = openTestLog();
  const rows: Row[] = [];
  try {
    const texts = makeTexts();
    fill(log, texts);
    const index = openSearchIndex({ path: log.path });
    rows.push(drainRow(index), sizeRow(log, texts), await lossRow(log, index, texts, rounds));
    await inTempFolder(async (folder) => {
      const plain = openPlain(join(folder, "plain.db"), texts);
      rows.push(...(await queryRows(index, plain, rounds)));
      plain.close();
    });
    rows.push(await lagRow(log.path, index, texts));
    index.close();
  } finally {
    log.remove();
  }
  yield* rows;
}

async function queryRows(index: SearchIndex, plain: DatabaseSync, rounds: number): Promise<Row[]> {
  const select = `SELECT rowid, snippet(plain, 0, '[', ']', '…', 24) FROM plain WHERE plain MATCH ?`;
  const recent = plain.prepare(`${select} ORDER BY rowid DESC LIMIT ?`);
  const best = plain.prepare(`${select} ORDER BY rank LIMIT ?`);
  const compare = async (
    what: string,
    query: Pick<SearchQuery, "text" | "order">,
    reference: StatementSync,
    user: string | null = null,
  ): Promise<Row> => {
    const limit = 20;
    const asked = { ...query, limit };
    const { ours, raw } = await interleave(
      {
        ours: () => timeOf(() => index.search({ tenant: "acme", user }, asked)),
        raw: () => timeOf(() => reference.all(query.text, limit)),
      },
      rounds,
    );
    return {
      what,
      unit: "×",
      measured: spreadOf(ratios(ours, raw)),
      reference: `search: ${figure(median(ours))} ms, FTS5 with snippet(): ${figure(median(raw))} ms`,
    };
  };
  const common = { text: "common", order: "recent" } as const;
  const ranked = { text: "common", order: "rank" } as const;
  return [
    { ...(await compare("a rare word", { text: "needle", order: "rank" }, best)), bar: atMost(3) },
    { ...(await compare("20 newest of 10,000", common, recent)), bar: atMost(3) },
    await compare("20 newest of one of 50 users", common, recent, "user7"),
    await compare("20 best of 10,000", ranked, best),
    await compare("20 best of one of 50 users", ranked, best, "user7"),
  ];
}

/** The median of a few runs: on a busy machine a mean is the time of whoever was let run first. */
function timeOf(work: () => unknown): number {
  const taken = Array.from({ length: 11 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return median(taken);
}

function drainRow(index: SearchIndex): Row {
  const start = performance.now();
  let rows = 0;
  for (let taken = index.catchUp(BATCH); taken > 0; taken = index.catchUp(BATCH)) rows += taken;
  const seconds = (performance.now() - start) / 1_000;
  return {
    what: "draining a burst of 100,000",
    bar: atLeast(20_000),
    unit: "rows/s",
    measured: single(rows / seconds),
    reference: `${figure(seconds)} s in batches of 2,000`,
  };
}

function sizeRow(log: TestLog, texts: readonly string[]): Row {
  log.connection.value("PRAGMA wal_checkpoint(TRUNCATE)");
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const bytes = statSync(searchPathOf(log.path)).size;
  return {
    what: "size of the index against the text",
    unit: "×",
    measured: single(bytes / characters),
    reference: `${figure(bytes / MESSAGES)} bytes per message, log ${figure(statSync(log.path).size / MESSAGES)}`,
  };
}

/** The share of a second that indexing a second's messages takes from the thread that also appends. */
async function lossRow(
  log: TestLog,
  index: SearchIndex,
  texts: readonly string[],
  rounds: number,
): Promise<Row> {
  let written = 0;
  const computing: number[] = [];
  const { indexing } = await interleave(
    {
      indexing: () => {
        const says = Array.from({ length: PER_SECOND }, () =>
          say(`loss${written++}`, texts[written % texts.length] ?? ""),
        );
        log.write("loss", written > PER_SECOND ? says : [create("loss"), ...says]);
        const start = performance.now();
        const before = process.threadCpuUsage();
        while (index.catchUp(PER_SECOND / 10) > 0);
        const { user, system } = process.threadCpuUsage(before);
        computing.push((user + system) / 1_000_000);
        return (performance.now() - start) / 1_000;
      },
    },
    rounds,
  );
  return {
    what: "append time lost to indexing at 2,000 messages/s",
    bar: atMost(0.15),
    unit: "%",
    measured: spreadOf(indexing),
    reference: `of one thread, in slices of 200 rows; computing ${figure(100 * median(computing))} %`,
  };
}

/** How far the store's own indexing is behind at worst while 40 messages come every 20 ms. */
async function lagRow(path: string, index: SearchIndex, texts: readonly string[]): Promise<Row> {
  const store = sqliteStore({ path });
  const key = { tenant: "acme", id: "busy" };
  let head = null;
  let worst = 0;
  let number = 0;
  const start = performance.now();
  for (let tick = 0; tick < 250; tick++) {
    const says = Array.from({ length: 40 }, () => say(`busy${number++}`, texts[number] ?? ""));
    const write = makeWrite(key, head, head === null ? [create(key.id), ...says] : says);
    await store.commit([[{ writes: [write] }]]);
    head = write.after;
    worst = Math.max(worst, index.lag());
    await setTimeout(Math.max(0, start + (tick + 1) * 20 - performance.now()));
  }
  await store.close();
  return {
    what: "index lag at 2,000 messages/s, worst of 5 s",
    bar: atMost(1_000),
    unit: "ms",
    measured: single((1_000 * worst) / PER_SECOND),
    reference: `${figure(worst)} messages behind`,
  };
}

function fill(log: TestLog, texts: readonly string[]): void {
  const perThread = MESSAGES / THREADS;
  for (let thread = 0; thread < THREADS; thread++) {
    const first = thread * perThread;
    const says = texts
      .slice(first, first + perThread)
      .map((text, number) => say(`m${first + number}`, text));
    log.write(`t${thread}`, [create(`t${thread}`, { owner: `user${thread % USERS}` }), ...says]);
  }
}

function openPlain(path: string, texts: readonly string[]): DatabaseSync {
  const plain = new DatabaseSync(path);
  plain.exec("PRAGMA journal_mode = WAL; CREATE VIRTUAL TABLE plain USING fts5 (text)");
  const insert = plain.prepare("INSERT INTO plain (rowid, text) VALUES (?, ?)");
  for (let from = 0; from < texts.length; from += BATCH) {
    plain.exec("BEGIN");
    texts.slice(from, from + BATCH).forEach((text, at) => insert.run(from + at + 1, text));
    plain.exec("COMMIT");
  }
  return plain;
}

/** Words as often as in real text: few of them make up most of it. Five texts have "needle", one in ten "common". */
function makeTexts(): string[] {
  const random = randomFrom(1);
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

if (import.meta.main) await report(import.meta.filename, search);
