import pg from "pg";
import { createSkein, fromRepository } from "skein";
import type { RepositoryThread, ThreadRepository } from "skein";
import { tryRepository } from "./repository-program.ts";

// `json` and not `jsonb`, which refuses the NUL that a tool's output may have. `log` is Skein's own: kept as it is.
const TABLE = `
  CREATE TABLE IF NOT EXISTS threads (
    id text PRIMARY KEY,
    user_id text,
    messages json NOT NULL,
    metadata json,
    log text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS threads_user_id ON threads (user_id, updated_at DESC);
  CREATE INDEX IF NOT EXISTS threads_updated_at ON threads (updated_at);`;

const SELECT = "SELECT id, user_id, messages, metadata, log, created_at, updated_at FROM threads";

/** Threads in a table of one's own, a row each. For one process at a time: Skein's own `postgres://…` store is for many, and
 *  writes what is new instead of the whole thread. */
export function postgresRepository(pool: pg.Pool): ThreadRepository {
  const select = async (
    condition: string,
    values: readonly unknown[],
  ): Promise<readonly RepositoryThread[]> => {
    const { rows } = await pool.query(`${SELECT} ${condition}`, [...values]);
    return rows.map(threadOf);
  };
  return {
    getThread: async (id) => (await select("WHERE id = $1", [id]))[0],

    async putThread({ id, userId, messages, metadata, log, createdAt, updatedAt }) {
      const now = new Date();
      await pool.query(
        `INSERT INTO threads (id, user_id, messages, metadata, log, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET user_id = EXCLUDED.user_id, messages = EXCLUDED.messages,
           metadata = EXCLUDED.metadata, log = EXCLUDED.log, updated_at = EXCLUDED.updated_at`,
        [
          id,
          userId,
          JSON.stringify(messages),
          JSON.stringify(metadata ?? {}),
          log,
          createdAt ?? now,
          updatedAt ?? now,
        ],
      );
    },

    async deleteThread(id) {
      await pool.query("DELETE FROM threads WHERE id = $1", [id]);
    },

    getUserThreads: (userId) => select("WHERE user_id = $1 ORDER BY updated_at DESC", [userId]),

    getThreadsByDateRange: (start, end) =>
      select("WHERE updated_at BETWEEN $1 AND $2 ORDER BY updated_at DESC", [start, end]),

    async deleteThreadsOlderThan(cutoff) {
      const { rowCount } = await pool.query("DELETE FROM threads WHERE updated_at < $1", [cutoff]);
      return rowCount ?? 0;
    },
  };
}

/** Makes the table if there is none. */
export async function createTable(pool: pg.Pool): Promise<void> {
  await pool.query(TABLE);
}

function threadOf(row: {
  readonly id: string;
  readonly user_id: string | null;
  readonly messages: RepositoryThread["messages"];
  readonly metadata: NonNullable<RepositoryThread["metadata"]> | null;
  readonly log: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}): RepositoryThread {
  return {
    id: row.id,
    ...(row.user_id !== null && { userId: row.user_id }),
    messages: row.messages,
    ...(row.metadata !== null && { metadata: row.metadata }),
    ...(row.log !== null && { log: row.log }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export async function main(
  print: (line: string) => void = console.log,
  url: string = process.env["SKEIN_STORE"] ?? "postgres://127.0.0.1:5432/postgres",
): Promise<void> {
  const pool = new pg.Pool({ connectionString: url });
  await createTable(pool);
  await tryRepository(() => postgresRepository(pool), print);

  // A row that another program wrote has messages and no log. It is a thread like any other.
  await pool.query(
    `INSERT INTO threads (id, user_id, messages, updated_at) VALUES ('old', 'alice', $1, '2020-01-01')
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify([{ role: "user", content: "I have two cats." }])],
  );
  const store = fromRepository(postgresRepository(pool));
  const skein = createSkein({ store });
  const { text } = await skein.respond({
    threadId: "old",
    userId: "alice",
    input: "What did I say before?",
  });
  print(text);
  const threads = await skein.list({}, { userId: "alice" });
  print(threads.items.map(({ id, messageCount }) => `${id}: ${messageCount}`).join(", "));
  await skein.delete("old", { purge: true });
  print(`${await store.deleteThreadsOlderThan(new Date(Date.now() + 1))} deleted`);
  await skein.close();
  await pool.end();
}

if (import.meta.main) await main();
