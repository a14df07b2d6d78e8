import { parseStored } from "./cell.ts";

// At the start of what is not stored as it is. A text that starts with it is not either.
const MARK = "\u0001";

const NEEDS_MARK = new RegExp(`^${MARK}|\\u0000`, "v");

/** A stream may be cut between the halves of a character, which UTF-8 cannot hold, and NUL is in no database's text. */
export function encodeChunkText(text: string): string {
  return text.isWellFormed() && !NEEDS_MARK.test(text) ? text : `${MARK}${JSON.stringify(text)}`;
}

export function decodeChunkText(stored: string): string {
  return stored.startsWith(MARK) ? parseStored<string>(stored.slice(1)) : stored;
}
