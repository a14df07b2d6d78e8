import { DatabaseSync } from "node:sqlite";
import type { TurnStore } from "./turn-store.ts";

export const TURN = {
  user: "What does a turn write?",
  assistant: "Two rows of the log and one of heads.",
};

const LAST_ROWS = `SELECT * FROM skein_entry WHERE op = 20 ORDER BY lsn DESC LIMIT 2`;
const LAST_HEAD = `SELECT h.* FROM skein_head h JOIN skein_entry e ON e.tid = h.tid ORDER BY e.lsn DESC LIMIT 1`;

// Of JSON, the numbers in it may have other lengths.
const TOLERANCE = 8;

/** Proves that the reference writes what the product writes: after the same turns the newest rows have the same
 *  columns, of the same types and lengths. A reference that writes less would flatter nobody. */
export async function proveSameRows(
  product: TurnStore,
  raw: TurnStore,
  paths: { readonly product: string; readonly raw: string },
): Promise<void> {
  // The second turn of a thread is a plain append; the first may name the thread.
  for (const store of [product, raw, product, raw]) await store.append(0, TURN);
  for (const sql of [LAST_ROWS, LAST_HEAD]) {
    const written = shapesOf(paths.product, sql);
    const byHand = shapesOf(paths.raw, sql);
    if (written.length !== byHand.length)
      throw new Error(`The reference writes other rows: ${sql}`);
    for (const [index, shape] of written.entries())
      if (!isSame(shape, byHand[index]))
        throw new Error(
          `The reference writes another row than the product:\n${JSON.stringify(shape)}\n${JSON.stringify(byHand[index])}`,
        );
  }
}

export type Shape = readonly (readonly [column: string, type: string, length: number])[];

function shapesOf(path: string, sql: string): readonly Shape[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all().map(shapeOf);
  } finally {
    database.close();
  }
}

export function shapeOf(row: Readonly<Record<string, unknown>>): Shape {
  return Object.entries(row).map(([column, value]) => [column, typeOf(value), sizeOf(value)]);
}

function typeOf(value: unknown): string {
  return value === null ? "null" : value instanceof Uint8Array ? "blob" : typeof value;
}

function sizeOf(value: unknown): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
}

export function isSame(shape: Shape, other: Shape | undefined): boolean {
  return shape.every(([column, type, length], index) => {
    const [otherColumn, otherType, otherLength] = other?.[index] ?? ["", "", 0];
    return (
      column === otherColumn && type === otherType && Math.abs(length - otherLength) <= TOLERANCE
    );
  });
}
