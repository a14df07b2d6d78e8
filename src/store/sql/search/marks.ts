import { hash } from "node:crypto";

// Private-use characters are in no word of a text, so that a mark never matches one.
const MARK = "\u{E000}";

/** The words in the index that say whose a document is. A query with them skips what a reader cannot see anyway; who
 *  may see a document is decided by the tables of the log, never by these. */
export function threadScope(tid: number): string {
  return `${MARK}t${tid}`;
}

export function tenantScope(tenant: string): string {
  return `${MARK}n${shortened(tenant)}`;
}

export function ownerScope(tenant: string, owner: string): string {
  return `${MARK}o${shortened(`${tenant}\n${owner}`)}`;
}

// Ids have characters that would split a word. A collision only costs documents that are looked at in vain.
function shortened(name: string): string {
  return hash("sha256", name, "hex").slice(0, 12);
}

/** Rows of the log in a block. */
export const BLOCK_ROWS = 16_384;

export function blockOf(lsn: number): number {
  return Math.floor(lsn / BLOCK_ROWS);
}

/** The word of all documents in a stretch of the log, so that the newest ones with a common word are found without
 *  looking at all of them. */
export function blockMark(block: number): string {
  return `${MARK}b${block}`;
}

/** Of a document whose words the index has without their places: phrases have to be looked for in its text. */
export const LOOSE_MARK: string = `${MARK}l`;

/** Of a document that stands in the index in several pieces: a query may find its words in different ones. */
export const SPLIT_MARK: string = `${MARK}s`;

/** The word of a document that has a word so many times or more. */
export function repeatMark(word: string, times: number): string {
  return `${MARK}${times}${word}`;
}

/** The word of a document that has a word inside identifiers only. */
export function partMark(word: string): string {
  return `${MARK}p${word}`;
}
