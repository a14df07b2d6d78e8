import { DatabaseSync } from "node:sqlite";
import { SCHEMA_1 } from "../../src/store/sqlite/schema.ts";

/** What the references set on a connection: the product's own choices, so that only the code above differs. */
export const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000;
  PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY`;

/** An empty database with the product's tables and indexes. */
export function openRaw(path: string, schema: string = SCHEMA_1): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(PRAGMAS);
  database.exec(schema);
  return database;
}

export const INSERT_ENTRY = `INSERT INTO skein_entry (tid, version, op, at, seg, pos, role, mid, turn_id, op_id, actor,
  digest, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export const INSERT_THREAD = `INSERT INTO skein_thread (tenant, id, owner, title, kind, created_at, profile)
  VALUES ('default', ?, 'local', ?, 'main', ?, '{}')`;

export const INSERT_HEAD = `INSERT INTO skein_head (tid, version, updated_at, listed_at, status, hot)
  VALUES (?1, ?2, ?3, ?3, 0, ?4)`;

export const INSERT_LISTING = `INSERT INTO skein_listing (tenant, user_id, state, listed_at, id, tid)
  VALUES ('default', ?, 0, ?, ?, ?)`;

export const UPDATE_HEAD = `UPDATE skein_head SET version = ?, updated_at = ?, status = 0, hot = ?
  WHERE tid = ? AND version = ?`;

/** As long as an id of the product's, and ordered by time as it is. */
export function rawIds(): () => string {
  let number = 0;
  return () => `msg_${(++number).toString(36).padStart(26, "0")}`;
}

// Long as a SHA-256 but not made from the text: making digests is the product's own choice and cost.
export const DIGEST: Uint8Array = new Uint8Array(32).fill(7);
