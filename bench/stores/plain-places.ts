import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { OwnServer } from "../../test/support/servers/servers.ts";
import type { Turn } from "../support/turn.ts";
import { folderSize } from "./disk-size.ts";
import { postgresSize } from "./postgres-client.ts";
import type { ThreadPlace } from "./thread-place.ts";

interface PlainMessage {
  readonly id: string;
  readonly role: "user" | "assistant";
  readonly createdAt: number;
  readonly parts: readonly { readonly type: "text"; readonly text: string }[];
}

function messageWriter(): (turn: Turn) => readonly PlainMessage[] {
  let number = 0;
  const at = (role: PlainMessage["role"], text: string): PlainMessage => ({
    id: `msg_${(++number).toString(36).padStart(26, "0")}`,
    role,
    createdAt: Date.now(),
    parts: [{ type: "text", text }],
  });
  return ({ user, assistant }) => [at("user", user), at("assistant", assistant)];
}

/** A thread is one JSON text in one row, which every turn reads and writes whole. `synchronous = FULL`. */
export async function openJsonRows(folder: string): Promise<ThreadPlace> {
  const database = new DatabaseSync(join(folder, "rows.db"));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE thread (id TEXT PRIMARY KEY, owner TEXT NOT NULL, at INTEGER NOT NULL, messages TEXT NOT NULL);
    CREATE INDEX newest ON thread (owner, at)`);
  const read = database.prepare("SELECT messages FROM thread WHERE id = ?");
  const upsert = database.prepare(
    `INSERT INTO thread (id, owner, at, messages) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET at = excluded.at, messages = excluded.messages`,
  );
  const newest = database.prepare("SELECT id FROM thread WHERE owner = ? ORDER BY at DESC LIMIT ?");
  const load = (thread: string): readonly PlainMessage[] => {
    const text = read.get(thread)?.["messages"];
    return typeof text === "string" ? JSON.parse(text) : [];
  };
  const messagesOf = messageWriter();
  const bring = async (thread: string, user: string, turns: readonly Turn[]): Promise<void> => {
    const all = [...load(thread), ...turns.flatMap(messagesOf)];
    upsert.run(thread, user, Date.now(), JSON.stringify(all));
  };
  return {
    create: (thread, user) => bring(thread, user, []),
    append: (thread, user, turn) => bring(thread, user, [turn]),
    bring,
    last: async (thread, count) => load(thread).slice(-count).length,
    newest: async (user, count) => newest.all(user, count).length,
    bytes: async () => folderSize(folder),
    close: async () => database.close(),
  };
}

/** The same in a `jsonb` column of PostgreSQL. */
export async function openJsonbRows(server: OwnServer): Promise<ThreadPlace> {
  const url = await server.createDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE TABLE thread (id text PRIMARY KEY, owner text NOT NULL, at bigint NOT NULL,
    messages jsonb NOT NULL); CREATE INDEX newest ON thread (owner, at)`);
  const load = async (thread: string): Promise<readonly PlainMessage[]> => {
    const text = "SELECT messages FROM thread WHERE id = $1";
    const found = await client.query<{ messages: readonly PlainMessage[] }>(text, [thread]);
    return found.rows[0]?.messages ?? [];
  };
  const messagesOf = messageWriter();
  const bring = async (thread: string, user: string, turns: readonly Turn[]): Promise<void> => {
    const all = [...(await load(thread)), ...turns.flatMap(messagesOf)];
    const text = `INSERT INTO thread VALUES ($1, $2, $3, $4)
      ON CONFLICT (id) DO UPDATE SET at = excluded.at, messages = excluded.messages`;
    await client.query(text, [thread, user, Date.now(), JSON.stringify(all)]);
  };
  return {
    create: (thread, user) => bring(thread, user, []),
    append: (thread, user, turn) => bring(thread, user, [turn]),
    bring,
    last: async (thread, count) => (await load(thread)).slice(-count).length,
    newest: async (user, count) => {
      const text = "SELECT id FROM thread WHERE owner = $1 ORDER BY at DESC LIMIT $2";
      return (await client.query(text, [user, count])).rows.length;
    },
    bytes: () => postgresSize(url),
    close: () => client.end(),
  };
}

/** A file per thread, a line per message, one `fdatasync` per turn. Who owns which thread is in no file. */
export async function openJsonLines(folder: string): Promise<ThreadPlace> {
  const messagesOf = messageWriter();
  const pathOf = (thread: string): string => join(folder, `${thread}.jsonl`);
  const bring = async (thread: string, _: string, turns: readonly Turn[]): Promise<void> => {
    const file = openSync(pathOf(thread), "a");
    for (const turn of turns)
      writeSync(
        file,
        messagesOf(turn)
          .map((message) => `${JSON.stringify(message)}\n`)
          .join(""),
      );
    fdatasyncSync(file);
    closeSync(file);
  };
  return {
    create: (thread, user) => bring(thread, user, []),
    append: (thread, user, turn) => bring(thread, user, [turn]),
    bring,
    last: async (thread, count) => {
      const lines = readFileSync(pathOf(thread), "utf8").trimEnd().split("\n");
      const messages: readonly PlainMessage[] = lines.slice(-count).map((line) => JSON.parse(line));
      return messages.length;
    },
    bytes: async () => folderSize(folder),
    close: async () => {},
  };
}
