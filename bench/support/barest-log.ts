import { grouped } from "./group.ts";
import { openRaw } from "./raw-schema.ts";
import type { TurnStore } from "./turn-store.ts";
import type { Turn } from "./turn.ts";

const SCHEMA = `
CREATE TABLE header (tid INTEGER PRIMARY KEY, version INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE log (lsn INTEGER PRIMARY KEY, tid INTEGER NOT NULL, version INTEGER NOT NULL, message TEXT NOT NULL);
CREATE UNIQUE INDEX log_version ON log (tid, version);
`;

/** The least that a log of conversations can be: a row per message with its JSON, one unique index, one header. It
 *  cannot branch, find a message by id, or say who wrote what. */
export function barestLog(path: string, { threads }: { readonly threads: number }): TurnStore {
  const database = openRaw(path, SCHEMA);
  const insertHeader = database.prepare("INSERT INTO header VALUES (?, 0, 0)");
  database.exec("BEGIN IMMEDIATE");
  for (let tid = 0; tid < threads; tid++) insertHeader.run(tid);
  database.exec("COMMIT");
  const versions = new Uint32Array(threads);
  const insert = database.prepare("INSERT INTO log (tid, version, message) VALUES (?, ?, ?)");
  const update = database.prepare("UPDATE header SET version = ?, updated_at = ? WHERE tid = ?");
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const append = grouped((batch: readonly { readonly thread: number; readonly turn: Turn }[]) => {
    begin.run();
    for (const { thread, turn } of batch) {
      const version = versions[thread] ?? 0;
      const at = Date.now();
      insert.run(thread, version + 1, JSON.stringify({ role: "user", at, text: turn.user }));
      insert.run(
        thread,
        version + 2,
        JSON.stringify({ role: "assistant", at, text: turn.assistant }),
      );
      update.run(version + 2, at, thread);
      versions[thread] = version + 2;
    }
    commit.run();
  });
  return {
    append: (thread, turn) => append({ thread, turn }),
    settle: async () => {},
    close: async () => database.close(),
  };
}
