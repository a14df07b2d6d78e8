import type { DatabaseSync } from "node:sqlite";
import { DIGEST, INSERT_ENTRY, INSERT_HEAD, INSERT_LISTING, INSERT_THREAD } from "./raw-schema.ts";

export interface RawHead {
  readonly tid: number;
  version: number;
  position: number;
}

/** Threads as the product makes them, all in one commit. */
export function makeRawThreads(database: DatabaseSync, count: number): readonly RawHead[] {
  const insertThread = database.prepare(INSERT_THREAD);
  const insertHead = database.prepare(INSERT_HEAD);
  const insertEntry = database.prepare(INSERT_ENTRY);
  const insertListing = database.prepare(INSERT_LISTING);
  const now = Date.now();
  database.exec("BEGIN IMMEDIATE");
  const heads = Array.from({ length: count }, (_, number): RawHead => {
    const id = `thread-${number}`;
    const tid = Number(insertThread.run(id, null, now).lastInsertRowid);
    insertHead.run(tid, 1, now, "{}");
    const payload = JSON.stringify({ profile: { id } });
    insertEntry.run(
      tid,
      1,
      1,
      now,
      null,
      null,
      null,
      null,
      null,
      `op_${id}`,
      "user:local",
      DIGEST,
      payload,
    );
    for (const user of ["*", "local"]) insertListing.run(user, now, id, tid);
    return { tid, version: 1, position: 0 };
  });
  database.exec("COMMIT");
  return heads;
}
