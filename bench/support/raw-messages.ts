import { DatabaseSync } from "node:sqlite";

export interface RawMessage {
  readonly id: string;
  readonly role: number;
  readonly turnId: string;
  readonly version: number;
  readonly createdAt: number;
  readonly parts: readonly unknown[];
}

const MESSAGES = `SELECT e.mid, e.role, e.turn_id, e.version, e.at, e.payload
  FROM skein_thread t JOIN skein_entry e ON e.tid = t.tid AND e.seg = 0
  WHERE t.tenant = 'default' AND t.id = ? AND e.pos IS NOT NULL`;

// One statement for 100,000 rows holds every row twice and takes longer.
const ROWS_AT_ONCE = 1_000;

/** The reference for reads: one prepared statement over the product's tables, on its own file. Knows that the thread
 *  has one branch, asks nobody for permission. */
export interface RawReader {
  /** The newest first. */
  last(id: string, count: number): readonly RawMessage[];
  all(id: string): readonly RawMessage[];
  close(): void;
}

export function rawReader(path: string): RawReader {
  const database = new DatabaseSync(path, { readOnly: true });
  const last = database.prepare(`${MESSAGES} ORDER BY e.pos DESC LIMIT ?`);
  const page = database.prepare(`${MESSAGES} AND e.pos > ? ORDER BY e.pos LIMIT ${ROWS_AT_ONCE}`);
  for (const statement of [last, page]) statement.setReturnArrays(true);
  const decode = (rows: readonly unknown[]): readonly RawMessage[] =>
    (rows as readonly Columns[]).map(([id, role, turnId, version, createdAt, payload]) => ({
      ...JSON.parse(payload),
      id,
      role,
      turnId: turnId ?? id,
      version,
      createdAt,
    }));
  return {
    last: (id, count) => decode(last.all(id, count)),
    all: (id) => {
      const messages: RawMessage[] = [];
      for (let size = ROWS_AT_ONCE; size === ROWS_AT_ONCE;) {
        const found = decode(page.all(id, messages.length));
        messages.push(...found);
        size = found.length;
      }
      return messages;
    },
    close: () => database.close(),
  };
}

type Columns = readonly [
  id: string,
  role: number,
  turnId: string | null,
  version: number,
  createdAt: number,
  payload: string,
];
