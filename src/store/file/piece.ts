import { closeSync, constants, openSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMissing, makeFolder, writeAll } from "./durable-file.ts";

/** Lines for the end of a log. */
export interface Piece {
  /** Relative to the store's folder. */
  readonly path: string;
  /** Where the log ended before, in bytes. */
  readonly at: number;
  readonly text: string;
}

/** Size of a file in bytes; 0 when there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Writes a piece into its place; once more changes nothing. Not on the disk before it is synced. */
export function writePiece(folder: string, { path, at, text }: Piece): void {
  const file = openLog(join(folder, path));
  try {
    writeAll(file, Buffer.from(text), at);
  } finally {
    closeSync(file);
  }
}

/** Takes a piece back, also one that was written in part or not at all. */
export function removePiece(folder: string, { path, at }: Piece): void {
  const file = join(folder, path);
  if (at === 0) rmSync(file, { force: true });
  else if (sizeOf(file) > at) truncateSync(file, at);
}

function openLog(path: string): number {
  const flags = constants.O_WRONLY | constants.O_CREAT;
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (!isMissing(error)) throw error;
    makeFolder(dirname(path));
    return openSync(path, flags, 0o600);
  }
}
