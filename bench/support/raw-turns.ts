import type { DatabaseSync } from "node:sqlite";
import { grouped } from "./group.ts";
import {
  INSERT_ENTRY,
  INSERT_HEAD,
  INSERT_LISTING,
  INSERT_THREAD,
  UPDATE_HEAD,
  openRaw,
  rawIds,
} from "./raw-schema.ts";
import type { TurnStore } from "./turn-store.ts";
import type { Turn } from "./turn.ts";

interface RawHead {
  readonly tid: number;
  version: number;
  position: number;
}

// Long as a SHA-256 but not made from the text: making digests is the product's own choice and cost.
const DIGEST = new Uint8Array(32).fill(7);

/** The reference for appends: by hand, with prepared statements, the rows that the product writes for a turn, into
 *  its own tables. Reads nothing, checks nothing, serialises what a turn says and nothing else.
 *  @param isGrouped  turns of one moment share a commit; else one commit per turn */
export function rawTurns(
  path: string,
  { threads, isGrouped }: { readonly threads: number; readonly isGrouped: boolean },
): TurnStore {
  const database = openRaw(path);
  const heads = makeThreads(database, threads);
  const write = turnWriter(database);
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const commitBatch = (batch: readonly Asked[]): void => {
    begin.run();
    for (const { thread, turn } of batch) {
      const head = heads[thread];
      if (head !== undefined) write(head, turn);
    }
    commit.run();
  };
  const append = isGrouped
    ? grouped(commitBatch)
    : async (asked: Asked): Promise<void> => commitBatch([asked]);
  return {
    append: (thread, turn) => append({ thread, turn }),
    settle: async () => {},
    close: async () => database.close(),
  };
}

interface Asked {
  readonly thread: number;
  readonly turn: Turn;
}

/** Threads as the product makes them, all in one commit. */
function makeThreads(database: DatabaseSync, count: number): readonly RawHead[] {
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

function turnWriter(database: DatabaseSync): (head: RawHead, turn: Turn) => void {
  const insertEntry = database.prepare(INSERT_ENTRY);
  const updateHead = database.prepare(UPDATE_HEAD);
  const nextId = rawIds();
  return (head, { user, assistant }) => {
    const at = Date.now();
    const { tid, version, position } = head;
    const turnId = nextId();
    const id = nextId();
    const asked = JSON.stringify({
      parts: [{ type: "text", text: user }],
      author: { kind: "user", id: "local" },
    });
    const answered = JSON.stringify({ parts: [{ type: "text", text: assistant }] });
    head.version = version + 2;
    head.position = position + 2;
    const hot = JSON.stringify({
      messagesTotal: head.position,
      lastMessage: { id, role: "assistant", text: assistant.slice(0, 100), at },
      main: { position: head.position, messageId: id, count: head.position, turnId },
    });
    updateHead.run(head.version, at, hot, tid, version);
    insertEntry.run(
      tid,
      version + 1,
      20,
      at,
      0,
      position + 1,
      2,
      turnId,
      null,
      null,
      "user:local",
      DIGEST,
      asked,
    );
    insertEntry.run(
      tid,
      version + 2,
      20,
      at,
      0,
      position + 2,
      3,
      id,
      turnId,
      0,
      "user:local",
      DIGEST,
      answered,
    );
  };
}
