import { SkeinError } from "../model/error.ts";
import { digestOf } from "./digest.ts";

/** A cursor that works only for the list, the filter and the principal that it was made for. */
export function writeCursor(scope: unknown, position: unknown): string {
  const json = JSON.stringify([digestOf(scope).slice(0, 16), position]);
  return Buffer.from(json).toString("base64url");
}

export function readCursor<T>(
  cursor: string | undefined,
  scope: unknown,
  isPosition: (value: unknown) => value is T,
): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (
      Array.isArray(parsed) &&
      parsed.length === 2 &&
      parsed[0] === digestOf(scope).slice(0, 16) &&
      isPosition(parsed[1])
    )
      return parsed[1];
  } catch {
    // Not even JSON: the same answer as for a cursor of another list.
  }
  throw new SkeinError(
    "invalid_cursor",
    "The cursor does not belong to this list, filter and user.",
    {
      field: "cursor",
    },
  );
}
