import pg from "pg";
import { TURN, isSame, shapeOf } from "./prove-same-rows.ts";
import type { Shape } from "./prove-same-rows.ts";
import type { TurnStore } from "./turn-store.ts";

const LAST_ROWS = `SELECT e.* FROM skein_entry e WHERE op = 20 ORDER BY lsn DESC LIMIT 2`;
const LAST_HEAD = `SELECT h.* FROM skein_head h JOIN skein_entry e ON e.tid = h.tid ORDER BY e.lsn DESC LIMIT 1`;

/** Proves on PostgreSQL what `proveSameRows` proves on SQLite: the reference writes what the product writes. */
export async function proveSamePostgresRows(
  product: TurnStore,
  raw: TurnStore,
  url: string,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const shapes = async (sql: string): Promise<readonly Shape[]> => {
    const { rows } = await client.query<Readonly<Record<string, unknown>>>(sql);
    return rows.map(shapeOf);
  };
  try {
    // The second turn of a thread is a plain append; the first may name the thread.
    for (const store of [product, raw]) await store.append(0, TURN);
    const written: (readonly Shape[])[] = [];
    for (const store of [product, raw]) {
      await store.append(0, TURN);
      written.push([...(await shapes(LAST_ROWS)), ...(await shapes(LAST_HEAD))]);
    }
    const [ofProduct = [], byHand = []] = written;
    for (const [index, shape] of ofProduct.entries())
      if (!isSame(shape, byHand[index]))
        throw new Error(
          `The reference writes another row than the product:\n${JSON.stringify(shape)}\n${JSON.stringify(byHand[index])}`,
        );
  } finally {
    await client.end();
  }
}
