/**
 * The tables of version 1.
 *
 * `entry` is log and message store in one, in the order of commits (`lsn`); nothing else is written by a plain
 * append but one row of `head`. A message's content stands in the row that brought it (append, open, enqueue); an
 * opened one's final content in its commit's row, a queued one's in its enqueue's, and `body` of the row that has
 * the place (`pos`) names that row's version. `body` of an enqueue row: the version that took it out of the queue,
 * itself when it was discarded.
 *
 * Left out of a row because it follows: `op_id` NULL = the message's id, '' = that of the version before; `turn_id`
 * NULL = the message itself; `parent_id` NULL = the message before it in the segment; `branch` NULL = main;
 * `op_schema` NULL = 1. `op` 0 = the payload has the op's name beside its data. A segment without a row of its own is
 * the first of its thread and starts at the root.
 */
export const SCHEMA_1: string = `
CREATE TABLE skein_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE skein_thread (
  tid INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  owner TEXT NOT NULL,
  title TEXT,
  agent_id TEXT,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  archived_at INTEGER,
  deleted_at INTEGER,
  purged_at INTEGER,
  profile TEXT NOT NULL,
  UNIQUE (tenant, id)
);

CREATE TABLE skein_head (
  tid INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  listed_at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  hot TEXT NOT NULL
);

CREATE TABLE skein_entry (
  lsn INTEGER PRIMARY KEY,
  tid INTEGER NOT NULL,
  version INTEGER NOT NULL,
  op INTEGER NOT NULL,
  at INTEGER NOT NULL,
  seg INTEGER,
  pos INTEGER,
  role INTEGER,
  given INTEGER,
  body INTEGER,
  op_schema INTEGER,
  mid TEXT,
  turn_id TEXT,
  parent_id TEXT,
  op_id TEXT,
  actor TEXT NOT NULL,
  branch TEXT,
  pending TEXT,
  notes TEXT,
  digest BLOB,
  payload TEXT
);
CREATE UNIQUE INDEX skein_entry_version ON skein_entry (tid, version);
CREATE UNIQUE INDEX skein_entry_place ON skein_entry (tid, seg, pos) WHERE pos IS NOT NULL;
CREATE INDEX skein_entry_mid ON skein_entry (mid) WHERE role IS NOT NULL AND given IS NULL;
CREATE INDEX skein_entry_instruction ON skein_entry (tid, seg, pos) WHERE role < 2 AND pos IS NOT NULL;
CREATE INDEX skein_entry_open ON skein_entry (tid, mid) WHERE op = 21 AND body IS NULL;
CREATE INDEX skein_entry_mention ON skein_entry (mid) WHERE op IN (2, 25, 31) AND mid IS NOT NULL;

CREATE TABLE skein_given_id (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  tid INTEGER NOT NULL,
  version INTEGER NOT NULL,
  place INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE skein_segment (
  tid INTEGER NOT NULL,
  number INTEGER NOT NULL,
  start_depth INTEGER NOT NULL,
  parent_tid INTEGER,
  parent_number INTEGER,
  parent_position INTEGER,
  PRIMARY KEY (tid, number)
) WITHOUT ROWID;

CREATE TABLE skein_inclusion (
  origin_tid INTEGER NOT NULL,
  seg INTEGER NOT NULL,
  tid INTEGER NOT NULL,
  up_to INTEGER NOT NULL,
  PRIMARY KEY (origin_tid, seg, tid)
) WITHOUT ROWID;
CREATE INDEX skein_inclusion_by_fork ON skein_inclusion (tid);

CREATE TABLE skein_branch (
  tid INTEGER NOT NULL,
  name TEXT NOT NULL,
  head TEXT NOT NULL,
  PRIMARY KEY (tid, name)
) WITHOUT ROWID;

CREATE TABLE skein_member (
  tid INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (tid, user_id)
) WITHOUT ROWID;

CREATE TABLE skein_listing (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  listed_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  tid INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, state, listed_at DESC, id)
) WITHOUT ROWID;

CREATE TABLE skein_operation (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  op_id TEXT NOT NULL,
  tid INTEGER NOT NULL,
  digest TEXT NOT NULL,
  from_version INTEGER NOT NULL,
  to_version INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, op_id)
) WITHOUT ROWID;
CREATE INDEX skein_operation_by_thread ON skein_operation (tid);

CREATE TABLE skein_run (
  rid INTEGER PRIMARY KEY,
  tid INTEGER NOT NULL,
  id TEXT NOT NULL,
  status TEXT NOT NULL,
  branch TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  holds INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (tid, id)
);
CREATE INDEX skein_run_by_thread ON skein_run (tid, rid);
CREATE INDEX skein_run_by_id ON skein_run (id);
CREATE UNIQUE INDEX skein_run_hold ON skein_run (tid, branch) WHERE holds = 1;
CREATE INDEX skein_run_unended ON skein_run (rid) WHERE ended = 0;

CREATE TABLE skein_step (
  sid INTEGER PRIMARY KEY,
  tid INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (tid, run_id, id)
);

CREATE TABLE skein_chunk (
  cid INTEGER PRIMARY KEY,
  tid INTEGER NOT NULL,
  mid TEXT NOT NULL,
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  part INTEGER NOT NULL,
  kind TEXT NOT NULL,
  call_id TEXT,
  name TEXT,
  off INTEGER NOT NULL,
  text NOT NULL
);
CREATE INDEX skein_chunk_by_message ON skein_chunk (tid, mid);

CREATE TABLE skein_blob (
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (tenant, sha256)
);
CREATE TABLE skein_blob_upload (
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, sha256, user_id)
) WITHOUT ROWID;
CREATE TABLE skein_blob_ref (
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  tid INTEGER NOT NULL,
  mid TEXT NOT NULL,
  PRIMARY KEY (tenant, sha256, tid, mid)
) WITHOUT ROWID;
CREATE INDEX skein_blob_ref_by_message ON skein_blob_ref (tid, mid);

CREATE TABLE skein_lease (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  instance TEXT NOT NULL
) WITHOUT ROWID;
`;
