import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { create, itemOf, keyOf, makeWrite } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { Connection } from "./connection.ts";
import { encodeChains } from "../sql/encode-write.ts";
import { openWriter } from "./open-connection.ts";
import { storeFolder } from "./store-folder.test-support.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import { Writer } from "./writer.ts";
import type { Committed } from "./writer.ts";
import { WriterQueue } from "./writer-queue.ts";

/** After so many writes the size of the write-ahead log is looked at. */
const WRITES = 256;

const { file } = storeFolder();

let connection: Connection | undefined;

afterEach(() => connection?.close());

/** A writer of a real file whose write-ahead log seems to lie elsewhere. */
function openQueue(): { readonly writer: Writer; readonly queue: WriterQueue } {
  openWriter({ path: file(), synchronous: "NORMAL" }).close();
  const database = new DatabaseSync(file());
  database.exec("PRAGMA synchronous = OFF");
  connection = new Connection(database, file("elsewhere"));
  const writer = new Writer(connection, new ThreadIds(), false);
  return { writer, queue: new WriterQueue(writer) };
}

/** Commits one message after the other; `beforeLast` is done before the commit behind which the log is looked at. */
async function fill(queue: WriterQueue, beforeLast: () => void): Promise<readonly Committed[]> {
  let made = makeWrite(keyOf("t"), null, [create("t")]);
  const committed: Committed[] = [];
  for (let index = 0; index < WRITES; index++) {
    const chains = encodeChains([[itemOf(made)]]);
    if (index === WRITES - 1) beforeLast();
    committed.push(await queue.run((writer) => writer.commit(chains)));
    made = makeWrite(keyOf("t"), made.after, [say(`m${index}`, "hello")]);
  }
  return committed;
}

const isCommitted = ({ results }: Committed): boolean => results[0]?.[0] === "committed";

test("a commit is answered as committed though the checkpoint behind it fails", async () => {
  symlinkSync("elsewhere-wal", file("elsewhere-wal"));
  const { writer, queue } = openQueue();
  expect(() => writer.checkpoint(false)).toThrow(/ELOOP/u);
  const committed = await fill(queue, () => undefined);
  expect(committed.every(isCommitted)).toBe(true);
  // Behind the checkpoint, in the same queue.
  expect(await queue.look(() => "next")).toBe("next");
});

test("a commit runs once though the checkpoint behind it finds the file locked", async () => {
  writeFileSync(file("elsewhere-wal"), "");
  truncateSync(file("elsewhere-wal"), 100 * 1024 * 1024);
  const { writer, queue } = openQueue();
  let reading: Generator<unknown> | undefined;
  const committed = await fill(queue, () => {
    // A read under way on the same connection is what a checkpoint cannot go beside.
    reading = connection?.statement("SELECT lsn FROM skein_entry").each();
    reading?.next();
    expect(() => writer.checkpoint(false)).toThrow(/locked/u);
  });
  expect(committed.every(isCommitted)).toBe(true);
  reading?.return(undefined);
  expect(await queue.look(() => connection?.value("SELECT count(*) FROM skein_entry"))).toBe(
    WRITES,
  );
});

test("a task that has written something is not repeated when it finds the file locked behind that", async () => {
  const { queue } = openQueue();
  const other = new DatabaseSync(file());
  let runs = 0;
  const task = queue.run((writer) => {
    runs += 1;
    writer.commit(encodeChains([[itemOf(makeWrite(keyOf("t"), null, [create("t")]))]]));
    other.exec("BEGIN IMMEDIATE");
    return writer.beginExclusive([]);
  });
  await expect(task).rejects.toMatchObject({ code: "store_busy" });
  other.close();
  expect(runs).toBe(1);
});
