import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { create, extend, headOf, itemOf, keyOf, makeWrite } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { OP_CODES } from "../sql/codes.ts";
import { encodeChains } from "../sql/encode-write.ts";
import { localWriter } from "./local-writer.ts";
import { openWriter } from "./open-connection.ts";
import { storeErrorOf } from "./sqlite-error.ts";
import { storeFolder } from "./store-folder.test-support.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import { Writer } from "./writer.ts";
import { runPlan } from "./run-plan.ts";

const { file, open } = storeFolder();

test.for([false, true])(
  "with threads %s, a commit waits for another process's transaction",
  async (threads) => {
    const store = open({ threads });
    await store.open();
    const other = new DatabaseSync(file());
    other.exec("BEGIN IMMEDIATE");
    const release = new Promise<void>((resolve) => {
      // Fires only if the wait leaves the event loop free.
      setTimeout(() => {
        other.exec("COMMIT");
        resolve();
      }, 100);
    });
    await Promise.all([extend(store, "t", [create("t")]), release]);
    other.close();
    expect(await headOf(store, "t")).toMatchObject({ version: 1 });
  },
);

test("a file that stays locked is busy, and says when to try again", () => {
  const connection = openWriter({ path: file(), synchronous: "FULL" });
  const other = new DatabaseSync(file());
  other.exec("BEGIN IMMEDIATE");
  let caught: unknown;
  try {
    connection.begin();
  } catch (error) {
    caught = storeErrorOf(error, file());
  }
  expect(caught).toMatchObject({ code: "store_busy", retryAfterMs: 1_000 });
  other.close();
  connection.close();
});

test("on a full disk a commit fails as a whole, and what was there stays", async () => {
  const connection = openWriter({ path: file(), synchronous: "FULL" });
  const ids = new ThreadIds();
  const writer = localWriter(new Writer(connection, ids, true));
  const made = makeWrite(keyOf("t"), null, [create("t")]);
  await writer.commit(encodeChains([[itemOf(made)]]));
  const pages = Number(connection.value("PRAGMA page_count"));
  connection.execute(`PRAGMA max_page_count = ${pages + 2}`);

  const small = makeWrite(keyOf("t"), made.after, [say("a", "fits")]);
  const large = makeWrite(keyOf("new"), null, [create("new"), say("b", "x".repeat(1_000_000))]);
  const batch = [[itemOf(small)], [itemOf(large)]];
  await expect(writer.commit(encodeChains(batch))).rejects.toMatchObject({ code: "store_full" });
  expect(runPlan(connection, ids.find("acme", "new"))).toBeUndefined();

  const { results } = await writer.commit(encodeChains([[itemOf(small)]]));
  expect(results).toEqual([["committed"]]);
  await writer.close();
});

test("an error that is not of the database is thrown as it is", async () => {
  const store = open();
  const refusal = new RangeError("no");
  const commit = store.commitExclusive([keyOf("t")], () => {
    throw refusal;
  });
  await expect(commit).rejects.toBe(refusal);
  await extend(store, "t", [create("t")]);
});

test("no two ops have the same number", () => {
  const codes = Object.values(OP_CODES);
  expect(new Set(codes).size).toBe(codes.length);
});
