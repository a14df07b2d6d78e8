import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EVERYBODY, create } from "../conformance/fixture.ts";
import { redact, say } from "../conformance/message-fixture.ts";
import type { Change } from "../conformance/fixture.ts";
import type { SearchPage } from "../search.ts";
import { openWriter } from "./open-connection.ts";
import { searchPathOf } from "./search-connection.ts";
import { openSearchIndex } from "./search-index.ts";
import { openTestLog } from "./search-log.test-support.ts";
import type { TestLog } from "./search-log.test-support.ts";
import type { SearchIndex } from "./search-port.ts";

let log: TestLog;
let searchPath: string;
const opened: SearchIndex[] = [];

beforeEach(() => {
  log = openTestLog();
  searchPath = searchPathOf(log.path);
});

afterEach(() => {
  for (const index of opened.splice(0)) index.close();
  log.remove();
});

function openIndex(): SearchIndex {
  const index = openSearchIndex({ path: log.path });
  opened.push(index);
  return index;
}

function drain(index: SearchIndex): number {
  let steps = 0;
  while (index.catchUp(2000) > 0) steps++;
  return steps;
}

function find(index: SearchIndex, text: string): SearchPage {
  return index.search(EVERYBODY, { text, limit: 100, order: "recent" });
}

function says(from: number, to: number): Change[] {
  const changes: Change[] = [];
  for (let number = from; number <= to; number++)
    changes.push(say(`m${number}`, `word n${number}`));
  return changes;
}

test("the index lies beside the log, readable by the owner only", () => {
  expect(searchPathOf("/data/skein.db")).toBe("/data/skein-search.db");
  expect(searchPathOf("/data.d/skein")).toBe("/data.d/skein-search");
  openIndex();
  expect(existsSync(log.path.replace("skein.db", "skein-search.db"))).toBe(true);
});

describe("catching up", () => {
  test("it takes at most as many rows as asked for, and goes on where it stopped", () => {
    log.write("t", [create("t"), ...says(1, 9)]);
    const index = openIndex();
    expect(index.lag()).toBe(10);
    expect(index.catchUp(4)).toBe(4);
    expect(index.lag()).toBe(6);
    index.close();
    const again = openIndex();
    expect(again.lag()).toBe(6);
    expect([again.catchUp(4), again.catchUp(4), again.catchUp(4)]).toEqual([4, 2, 0]);
    expect(find(again, "word").hits).toHaveLength(9);
  });

  test("a search takes up to 2,000 rows itself and tells how many it lacks", () => {
    for (let batch = 0; batch < 5; batch++)
      log.write(`t${batch}`, [create(`t${batch}`), ...says(batch * 500 + 1, batch * 500 + 500)]);
    const index = openIndex();
    expect(find(index, "n1500").indexLag).toBe(505);
    expect(find(index, "n2500")).toMatchObject({ indexLag: 0, hits: [{ messageId: "m2500" }] });
  });

  test("two indexers of one file take every row once", () => {
    log.write("t", [create("t"), ...says(1, 100)]);
    const indexes = [openIndex(), openIndex()];
    let taken = 0;
    for (let round = 0; round < 20; round++) taken += indexes[round % 2]?.catchUp(7) ?? 0;
    expect(taken).toBe(101);
    for (const index of indexes) expect(find(index, "word").hits).toHaveLength(100);
  });

  test("long texts make a batch shorter", () => {
    const long = "lorem ipsum ".repeat(100_000);
    log.write("t", [create("t"), ...[1, 2, 3, 4, 5, 6].map((n) => say(`m${n}`, `${long} n${n}`))]);
    const index = openIndex();
    const first = index.catchUp(2000);
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThan(7);
    drain(index);
    expect(find(index, "n6").hits).toHaveLength(1);
  });

  test("entries that it does not know, and rows that it cannot read, do not stop it", () => {
    log.write("t", [create("t"), { op: "custom", data: { name: "poll" } }, ...says(1, 2)]);
    log.connection.execute("UPDATE skein_entry SET op = 0 WHERE op = 17");
    log.connection.execute("UPDATE skein_entry SET payload = '{broken' WHERE mid = 'm1'");
    expect(find(openIndex(), "word").hits).toMatchObject([{ messageId: "m2" }]);
  });
});

describe("rebuilding", () => {
  beforeEach(() => {
    log.write("t", [create("t", { title: "Title" }), ...says(1, 20)]);
    const index = openIndex();
    drain(index);
    index.close();
  });

  const provesWhole = (index: SearchIndex): void => {
    expect(find(index, "word")).toMatchObject({ indexLag: 0 });
    expect(find(index, "word").hits).toHaveLength(20);
    expect(find(index, "title").hits).toHaveLength(1);
  };

  test("a missing index is built from the log", () => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${searchPath}${suffix}`, { force: true });
    provesWhole(openIndex());
  });

  test("a file that is no index is replaced", () => {
    writeFileSync(
      searchPath,
      "this is not a database, but it is long enough to look like one ".repeat(99),
    );
    provesWhole(openIndex());
  });

  test("a file that is cut off is replaced", () => {
    truncateSync(searchPath, 5000);
    provesWhole(openIndex());
  });

  test("damage that shows while it is used is repaired", () => {
    const file = openSync(searchPath, "r+");
    // The second page holds the root of the index's own data; the tables that are read first are intact.
    writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, 4096);
    closeSync(file);
    provesWhole(openIndex());
  });

  test("an index of another store is begun anew", () => {
    log.connection.execute("UPDATE skein_meta SET value = 'another' WHERE name = 'store_id'");
    log.connection.execute("DELETE FROM skein_entry WHERE mid = 'm20'");
    const index = openIndex();
    expect(index.lag()).toBe(20);
    expect(find(index, "word").hits).toHaveLength(19);
  });

  test("an index of another version of the tokenizer is begun anew", () => {
    const writer = openWriter({ path: log.path, synchronous: "NORMAL" });
    writer.execute(`ATTACH '${searchPath}' AS search`);
    writer.execute("UPDATE search.search_state SET identity = json_set(identity, '$[1]', 0)");
    writer.close();
    const index = openIndex();
    expect(index.lag()).toBe(21);
    provesWhole(index);
  });

  test("a log that lost its newest entries is noticed, also while the index is open", () => {
    const index = openIndex();
    log.connection.execute("DELETE FROM skein_entry WHERE version > 11");
    expect(index.catchUp(2000)).toBe(11);
    expect(find(index, "word").hits).toHaveLength(10);
  });

  test("a log that has another entry where the index stopped is noticed", () => {
    log.connection.execute("UPDATE skein_entry SET at = at + 1 WHERE version = 21");
    expect(openIndex().lag()).toBe(21);
  });
});

describe("erasing", () => {
  const isInFiles = (word: string): boolean =>
    ["", "-wal"].some(
      (suffix) =>
        existsSync(`${searchPath}${suffix}`) &&
        readFileSync(`${searchPath}${suffix}`).includes(word),
    );

  test("no word of a redacted message stays in the index's files", () => {
    log.write("t", [create("t"), ...says(1, 500), say("s", "zzsecretzebra xylophonequark")]);
    log.write("t", says(501, 900));
    const index = openIndex();
    drain(index);
    expect(isInFiles("secretzebra")).toBe(true);
    log.write("t", [redact("s")]);
    expect(drain(index)).toBeGreaterThan(1);
    expect(isInFiles("secretzebra")).toBe(false);
    expect(isInFiles("phonequark")).toBe(false);
    expect(find(index, "word").hits).toHaveLength(100);
    expect(index.catchUp(2000)).toBe(0);
  });

  test("no word of a purged thread stays in the index's files", () => {
    log.write("t", [create("t", { title: "zzsecretzebra" }), say("s", "xylophonequark")]);
    log.write("u", [create("u"), ...says(1, 50)]);
    const index = openIndex();
    drain(index);
    log.write("t", [{ op: "thread.purge", data: {} }]);
    drain(index);
    expect(isInFiles("secretzebra")).toBe(false);
    expect(isInFiles("phonequark")).toBe(false);
    expect(find(index, "word").hits).toHaveLength(50);
  });

  test("erasing that was interrupted goes on after the next start", () => {
    log.write("t", [create("t"), say("s", "zzsecretzebra"), ...says(1, 50)]);
    const index = openIndex();
    drain(index);
    index.forget(log.tidOf("t"), ["s"]);
    index.close();
    drain(openIndex());
    expect(isInFiles("secretzebra")).toBe(false);
  });
});
