import pg from "pg";

/** Bytes of everything in a PostgreSQL database. */
export async function postgresSize(url: string): Promise<number> {
  return withPostgres(url, async (client) => {
    const found = await client.query<{ size: string }>(
      "SELECT pg_database_size(current_database()) AS size",
    );
    return Number(found.rows[0]?.size);
  });
}

async function withPostgres<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
