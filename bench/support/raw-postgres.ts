import pg from "pg";
import { DIGEST, rawIds } from "./raw-schema.ts";
import type { TurnStore } from "./turn-store.ts";
import type { Turn } from "./turn.ts";

const ENTRY = "tid, version, op, at, seg, pos, role, mid, turn_id, op_id, actor, digest, payload";
const ENTRY_TYPES = "bigint bigint bigint bigint bigint bigint bigint text text text text".split(
  " ",
);

const GROUP = `WITH changed AS (
    UPDATE skein_head h SET version = w.version, updated_at = w.updated_at, status = 0, hot = w.hot
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
      AS w(tid, base, version, updated_at, hot)
    WHERE h.tid = w.tid AND h.version = w.base RETURNING h.tid),
  written AS (INSERT INTO skein_entry (${ENTRY}) SELECT * FROM unnest(
    ${ENTRY_TYPES.map((type, column) => `$${column + 6}::${type}[]`).join(", ")}, $17::bytea[], $18::text[]))
  SELECT tid FROM changed`;

const rowAt = (first: number): string =>
  `(${ENTRY_TYPES.map((type, column) => `$${first + column}::${type}`).join(", ")}, $${first + 11}::bytea, $${first + 12}::text)`;
const ONE = `WITH changed AS (
    UPDATE skein_head SET version = $1, updated_at = $2, status = 0, hot = $3
    WHERE tid = $4 AND version = $5 RETURNING tid),
  written AS (INSERT INTO skein_entry (${ENTRY}) VALUES ${rowAt(6)}, ${rowAt(19)})
  SELECT tid FROM changed`;

interface Head {
  readonly tid: number;
  version: number;
  position: number;
}

type Cells = readonly (string | number | null | Uint8Array)[];

interface Rows {
  readonly head: Cells;
  readonly entries: readonly Cells[];
}

/** The reference on PostgreSQL: by hand, in one statement without a name, the rows that the product writes for a turn,
 *  into its own tables, which must exist. Checks nothing, serialises what a turn says and nothing else.
 *  @param isGrouped  turns that come while a commit is under way share the next one; else one statement per turn */
export async function rawPostgres(
  url: string,
  { threads, isGrouped }: { readonly threads: number; readonly isGrouped: boolean },
): Promise<TurnStore> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const heads = await makeThreads(client, threads);
  const nextId = rawIds();
  const rowsOf = ({ thread, turn }: Asked): Rows => {
    const head = heads[thread];
    if (head === undefined) throw new RangeError(`There is no thread ${thread}.`);
    return rowsOfTurn(head, turn, nextId);
  };
  const one = async (asked: Asked): Promise<void> => {
    const { head, entries } = rowsOf(asked);
    const [tid, base, version, at, hot] = head;
    await client.query(ONE, [version, at, hot, tid, base, ...entries.flat()]);
  };
  const many = async (batch: readonly Asked[]): Promise<void> => {
    const rows = batch.map(rowsOf);
    const columns = [
      ...columnsOf(rows.map(({ head }) => head)),
      ...columnsOf(rows.flatMap(({ entries }) => entries)),
    ];
    const { rowCount } = await client.query({ text: GROUP, values: columns });
    if (rowCount !== batch.length)
      throw new Error("The reference wrote less than it was asked to.");
  };
  const append = isGrouped ? groupedLater(many) : one;
  return {
    append: (thread, turn) => append({ thread, turn }),
    settle: async () => {},
    close: () => client.end(),
  };
}

interface Asked {
  readonly thread: number;
  readonly turn: Turn;
}

function rowsOfTurn(head: Head, { user, assistant }: Turn, nextId: () => string): Rows {
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
  const actor = "user:local";
  return {
    head: [tid, version, head.version, at, hot],
    entries: [
      [tid, version + 1, 20, at, 0, position + 1, 2, turnId, null, null, actor, DIGEST, asked],
      [tid, version + 2, 20, at, 0, position + 2, 3, id, turnId, "", actor, DIGEST, answered],
    ],
  };
}

function columnsOf(rows: readonly Cells[]): readonly Cells[] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? null));
}

/** Group commit by hand where writing takes a while: one at a time, with all that came meanwhile. */
function groupedLater<T>(
  write: (batch: readonly T[]) => Promise<void>,
): (item: T) => Promise<void> {
  let waiting: { readonly item: T; readonly resolve: () => void; readonly reject: Reject }[] = [];
  let isWriting = false;
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // Lets the callers of this batch add to the next.
      await new Promise(setImmediate);
    }
    isWriting = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isWriting) return;
      isWriting = true;
      setImmediate(() => void run());
    });
}

type Reject = (error: unknown) => void;

async function makeThreads(client: pg.Client, count: number): Promise<readonly Head[]> {
  const now = Date.now();
  const { rows } = await client.query<{ tid: string }>(
    `WITH made AS (
       INSERT INTO skein_thread (tenant, id, owner, kind, created_at, profile)
       SELECT $3::text, 'thread-' || n, 'local', 'main', $2::bigint, '{}'
       FROM generate_series(1, $1::integer) n RETURNING tid)
     INSERT INTO skein_head (tid, version, updated_at, listed_at, status, hot)
     SELECT tid, 1, $2, $2, 0, '{}' FROM made RETURNING tid`,
    [count, now, `raw-${count}`],
  );
  return rows.map(({ tid }): Head => ({ tid: Number(tid), version: 1, position: 0 }));
}
