import { SkeinError } from "../../model/error.ts";

/** What a column can hold. */
export type Cell = null | number | bigint | string | Uint8Array;
export type Row = readonly Cell[];

/** Readers of columns: a value of another type than the schema says means that the file was changed by others. */
export function textAt(row: Row, index: number): string {
  const value = row[index];
  return typeof value === "string" ? value : unexpected(index, value);
}

export function numberAt(row: Row, index: number): number {
  const value = row[index];
  return typeof value === "number" ? value : unexpected(index, value);
}

export function textOrNullAt(row: Row, index: number): string | null {
  return row[index] === null ? null : textAt(row, index);
}

export function numberOrNullAt(row: Row, index: number): number | null {
  return row[index] === null ? null : numberAt(row, index);
}

export function bytesAt(row: Row, index: number): Uint8Array {
  const value = row[index];
  return value instanceof Uint8Array ? value : unexpected(index, value);
}

/** Parses JSON that this adapter wrote. */
export function parseStored<T>(text: string): T {
  try {
    const value: T = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new SkeinError("store_corrupt", "A stored value is not JSON.", { cause });
  }
}

function unexpected(index: number, value: unknown): never {
  throw new SkeinError("store_corrupt", `Column ${index} of a stored row holds ${typeof value}.`);
}
