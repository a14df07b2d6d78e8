/** How one database spells the types of columns, and what it can index. */
export interface SchemaTypes {
  /** A number that the database gives to each row, and the row's key. */
  readonly serial: string;
  /** Place in the log: the order of commits. */
  readonly logPlace: string;
  readonly integer: string;
  /** Up to 128 characters, compared and ordered byte by byte; part of keys. */
  readonly name: string;
  /** The same for up to 256 characters. */
  readonly longName: string;
  readonly text: string;
  readonly bytes: string;
  /** The end of a table. `byKey`: its rows are small and read by its key. */
  end(options: { readonly byKey: boolean }): string;
  /** A key within a table whose columns have directions, or nothing where such a key is an index. */
  directedKey(columns: string): string;
  /** Indexes that databases spell differently, of version 1, 2, 3 and 4. */
  readonly indexes: readonly string[];
  readonly indexes2: readonly string[];
  readonly indexes3: readonly string[];
  readonly indexes4: readonly string[];
  /** The text at a path of keys in a column of JSON. */
  readonly jsonText: (column: string, keys: readonly string[]) => string;
}

/**
 * The tables of version 1, one statement each.
 *
 * `entry` is log and message store in one, in the order of commits (`lsn`, which may have gaps); nothing else is
 * written by a plain append but one row of `head`. A message's content stands in the row that brought it (append, open,
 * enqueue); an opened one's final content in its commit's row, a queued one's in its enqueue's, and `body` of the row
 * that has the place (`pos`) names that row's version. `body` of an enqueue row: the version that took it out of the
 * queue, itself when it was discarded.
 *
 * Left out of a row because it follows: `op_id` NULL = the message's id, '' = that of the version before; `turn_id`
 * NULL = the message itself; `parent_id` NULL = the message before it in the segment; `branch` NULL = main;
 * `op_schema` NULL = 1. `op` 0 = the payload has the op's name beside its data. A segment without a row of its own is
 * the first of its thread and starts at the root.
 *
 * A trimmed thread's log begins with the version in `oldest`; the messages that it kept are rows before that one.
 * `released` = 1: the thread let go of the message, and a fork still includes it. An inclusion is a range of positions of
 * a segment, and the system and developer messages above it.
 */
export function schema1(types: SchemaTypes): readonly string[] {
  const { serial, logPlace, integer, name, longName, text, bytes } = types;
  const rows = types.end({ byKey: false });
  const keyed = types.end({ byKey: true });
  const listingKey = types.directedKey("tenant, user_id, state, listed_at DESC, id");
  return [
    `CREATE TABLE skein_meta (name ${name} PRIMARY KEY, value ${text} NOT NULL) ${keyed}`,
    `CREATE TABLE skein_thread (
      tid ${serial},
      tenant ${name} NOT NULL,
      id ${name} NOT NULL,
      owner ${name} NOT NULL,
      title ${text},
      agent_id ${longName},
      kind ${name} NOT NULL,
      created_at ${integer} NOT NULL,
      archived_at ${integer},
      deleted_at ${integer},
      purged_at ${integer},
      oldest ${integer},
      profile ${text} NOT NULL,
      UNIQUE (tenant, id)
    ) ${rows}`,
    `CREATE TABLE skein_head (
      tid ${integer} PRIMARY KEY,
      version ${integer} NOT NULL,
      updated_at ${integer} NOT NULL,
      listed_at ${integer} NOT NULL,
      status ${integer} NOT NULL,
      hot ${text} NOT NULL
    ) ${rows}`,
    `CREATE TABLE skein_entry (
      lsn ${logPlace},
      tid ${integer} NOT NULL,
      version ${integer} NOT NULL,
      op ${integer} NOT NULL,
      at ${integer} NOT NULL,
      seg ${integer},
      pos ${integer},
      role ${integer},
      given ${integer},
      body ${integer},
      op_schema ${integer},
      mid ${longName},
      turn_id ${longName},
      parent_id ${longName},
      op_id ${longName},
      actor ${longName} NOT NULL,
      branch ${longName},
      pending ${text},
      notes ${text},
      released ${integer},
      digest ${bytes},
      payload ${text}
    ) ${rows}`,
    "CREATE UNIQUE INDEX skein_entry_version ON skein_entry (tid, version)",
    `CREATE TABLE skein_given_id (
      tenant ${name} NOT NULL,
      id ${longName} NOT NULL,
      tid ${integer} NOT NULL,
      version ${integer} NOT NULL,
      place ${integer} NOT NULL,
      PRIMARY KEY (tenant, id)
    ) ${keyed}`,
    `CREATE TABLE skein_segment (
      tid ${integer} NOT NULL,
      number ${integer} NOT NULL,
      start_depth ${integer} NOT NULL,
      parent_tid ${integer},
      parent_number ${integer},
      parent_position ${integer},
      PRIMARY KEY (tid, number)
    ) ${keyed}`,
    `CREATE TABLE skein_inclusion (
      origin_tid ${integer} NOT NULL,
      seg ${integer} NOT NULL,
      tid ${integer} NOT NULL,
      from_pos ${integer} NOT NULL,
      up_to ${integer} NOT NULL,
      PRIMARY KEY (origin_tid, seg, tid, from_pos)
    ) ${keyed}`,
    "CREATE INDEX skein_inclusion_by_fork ON skein_inclusion (tid)",
    `CREATE TABLE skein_branch (
      tid ${integer} NOT NULL,
      name ${longName} NOT NULL,
      head ${text} NOT NULL,
      PRIMARY KEY (tid, name)
    ) ${keyed}`,
    `CREATE TABLE skein_member (
      tid ${integer} NOT NULL,
      user_id ${name} NOT NULL,
      role ${name} NOT NULL,
      PRIMARY KEY (tid, user_id)
    ) ${keyed}`,
    `CREATE TABLE skein_listing (
      tenant ${name} NOT NULL,
      user_id ${name} NOT NULL,
      state ${integer} NOT NULL,
      listed_at ${integer} NOT NULL,
      id ${name} NOT NULL,
      tid ${integer} NOT NULL${listingKey === "" ? "" : `,\n      ${listingKey}`}
    ) ${keyed}`,
    `CREATE TABLE skein_operation (
      tenant ${name} NOT NULL,
      user_id ${name} NOT NULL,
      op_id ${longName} NOT NULL,
      tid ${integer} NOT NULL,
      digest ${longName} NOT NULL,
      from_version ${integer} NOT NULL,
      to_version ${integer} NOT NULL,
      PRIMARY KEY (tenant, user_id, op_id)
    ) ${keyed}`,
    "CREATE INDEX skein_operation_by_thread ON skein_operation (tid)",
    `CREATE TABLE skein_run (
      rid ${serial},
      tid ${integer} NOT NULL,
      id ${name} NOT NULL,
      status ${name} NOT NULL,
      branch ${longName} NOT NULL,
      created_at ${integer} NOT NULL,
      holds ${integer} NOT NULL,
      ended ${integer} NOT NULL,
      data ${text} NOT NULL,
      UNIQUE (tid, id)
    ) ${rows}`,
    "CREATE INDEX skein_run_by_thread ON skein_run (tid, rid)",
    "CREATE INDEX skein_run_by_id ON skein_run (id)",
    `CREATE TABLE skein_step (
      sid ${serial},
      tid ${integer} NOT NULL,
      run_id ${name} NOT NULL,
      id ${longName} NOT NULL,
      data ${text} NOT NULL,
      UNIQUE (tid, run_id, id)
    ) ${rows}`,
    `CREATE TABLE skein_chunk (
      cid ${serial},
      tid ${integer} NOT NULL,
      mid ${longName} NOT NULL,
      run_id ${name} NOT NULL,
      attempt ${integer} NOT NULL,
      part ${integer} NOT NULL,
      kind ${name} NOT NULL,
      call_id ${text},
      name ${text},
      off ${integer} NOT NULL,
      text ${text} NOT NULL
    ) ${rows}`,
    "CREATE INDEX skein_chunk_by_message ON skein_chunk (tid, mid)",
    `CREATE TABLE skein_blob (
      tenant ${name} NOT NULL,
      sha256 ${name} NOT NULL,
      size ${integer} NOT NULL,
      media_type ${longName} NOT NULL,
      bytes ${bytes} NOT NULL,
      UNIQUE (tenant, sha256)
    ) ${rows}`,
    `CREATE TABLE skein_blob_upload (
      tenant ${name} NOT NULL,
      sha256 ${name} NOT NULL,
      user_id ${name} NOT NULL,
      at ${integer} NOT NULL,
      PRIMARY KEY (tenant, sha256, user_id)
    ) ${keyed}`,
    `CREATE TABLE skein_blob_ref (
      tenant ${name} NOT NULL,
      sha256 ${name} NOT NULL,
      tid ${integer} NOT NULL,
      mid ${longName} NOT NULL,
      released ${integer},
      PRIMARY KEY (tenant, sha256, tid, mid)
    ) ${keyed}`,
    "CREATE INDEX skein_blob_ref_by_message ON skein_blob_ref (tid, mid)",
    `CREATE TABLE skein_lease (
      name ${longName} PRIMARY KEY,
      holder ${longName} NOT NULL,
      fence ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      instance ${name} NOT NULL
    ) ${keyed}`,
    ...types.indexes,
  ];
}

/**
 * What version 2 adds: when a run that nobody works on has to be looked at (`due_at`), and whether it waits for a run that it
 * called (`calls`); and in which segment of its run a step was made.
 */
export function schema2({ integer, indexes2 }: SchemaTypes): readonly string[] {
  return [
    `ALTER TABLE skein_run ADD COLUMN due_at ${integer}`,
    `ALTER TABLE skein_run ADD COLUMN calls ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE skein_step ADD COLUMN segment ${integer} NOT NULL DEFAULT 0`,
    "CREATE INDEX skein_step_by_segment ON skein_step (tid, run_id, segment)",
    ...indexes2,
  ];
}

/** What version 3 adds: the thread that a fork was made of, so that its forks are found. */
export function schema3({ name, indexes3, jsonText }: SchemaTypes): readonly string[] {
  return [
    `ALTER TABLE skein_thread ADD COLUMN forked_from ${name}`,
    `UPDATE skein_thread SET forked_from = ${jsonText("profile", ["forkedFrom", "threadId"])}
     WHERE profile LIKE '%"forkedFrom":%'`,
    ...indexes3,
  ];
}

/** What version 4 adds: when the time of a thread is over; and that what runs asked about a call is found by its message. */
export function schema4({ integer, indexes4 }: SchemaTypes): readonly string[] {
  return [`ALTER TABLE skein_thread ADD COLUMN due_at ${integer}`, ...indexes4];
}

/** For databases that can index some rows only. */
export const PARTIAL_INDEXES: readonly string[] = [
  "CREATE UNIQUE INDEX skein_entry_place ON skein_entry (tid, seg, pos) WHERE pos IS NOT NULL",
  "CREATE INDEX skein_entry_mid ON skein_entry (mid) WHERE role IS NOT NULL AND given IS NULL",
  "CREATE INDEX skein_entry_instruction ON skein_entry (tid, seg, pos) WHERE role < 2 AND pos IS NOT NULL",
  "CREATE INDEX skein_entry_open ON skein_entry (tid, mid) WHERE op = 21 AND body IS NULL",
  "CREATE INDEX skein_entry_mention ON skein_entry (mid) WHERE op IN (2, 25, 31) AND mid IS NOT NULL",
  "CREATE UNIQUE INDEX skein_run_hold ON skein_run (tid, branch) WHERE holds = 1",
  "CREATE INDEX skein_run_unended ON skein_run (rid) WHERE ended = 0",
];

export const PARTIAL_INDEXES_2: readonly string[] = [
  "DROP INDEX skein_run_unended",
  "CREATE INDEX skein_run_runnable ON skein_run (rid) WHERE holds = 1 AND status <> 'requires_action'",
  "CREATE INDEX skein_run_due ON skein_run (due_at, rid) WHERE due_at IS NOT NULL",
  "CREATE INDEX skein_run_calling ON skein_run (rid) WHERE calls = 1",
];

export const PARTIAL_INDEXES_3: readonly string[] = [
  "CREATE INDEX skein_thread_fork ON skein_thread (tenant, forked_from) WHERE forked_from IS NOT NULL",
];

export const PARTIAL_INDEXES_4: readonly string[] = [
  "DROP INDEX skein_entry_mention",
  "CREATE INDEX skein_entry_mention ON skein_entry (mid) WHERE op IN (2, 25, 31, 45, 46) AND mid IS NOT NULL",
  "CREATE INDEX skein_thread_due ON skein_thread (due_at, tenant, id) WHERE due_at IS NOT NULL",
];
