import type { DatabaseSync } from "node:sqlite";
import { grouped } from "./group.ts";
import { DIGEST, INSERT_ENTRY, UPDATE_HEAD, openRaw, rawIds } from "./raw-schema.ts";
import { makeRawThreads } from "./raw-threads.ts";
import type { RawHead } from "./raw-threads.ts";
import type { TurnStore } from "./turn-store.ts";
import type { Turn } from "./turn.ts";

/** The reference for appends: by hand, with prepared statements, the rows that the product writes for a turn, into
 *  its own tables. Reads nothing, checks nothing, serialises what a turn says and nothing else.
 *  @param isGrouped  turns of one moment share a commit; else one commit per turn */
export function rawTurns(
  path: string,
  { threads, isGrouped }: { readonly threads: number; readonly isGrouped: boolean },
): TurnStore {
  const database = openRaw(path);
  const heads = makeRawThreads(database, threads);
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
