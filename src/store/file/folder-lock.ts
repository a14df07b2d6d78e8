import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SkeinError } from "../../model/error.ts";
import { LAYOUT } from "./layout.ts";

const BUSY = 5;
const LOCKED = 6;

/** Keeps a folder for one open store, by a lock of the operating system that ends with the process, however that
 *  ends. Answers what gives it back.
 *  @throws SkeinError  `store_busy` when another store has it */
export function lockFolder(folder: string): () => void {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const file = join(folder, LAYOUT.lock);
  // Made here, so that a folder that cannot be written gives the error of the file system.
  closeSync(openSync(file, "a", 0o600));
  const database: DatabaseSync = new DatabaseSync(file, { timeout: 0 });
  try {
    // Nothing is ever written, so no second file is needed for it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isHeld(error)) throw error;
    throw new SkeinError(
      "store_busy",
      `${folder} is in use by another process, and a file store serves one at a time. Close the other one, or use sqlite:<path>.`,
      { cause: error },
    );
  }
  return () => database.close();
}

function isHeld(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error)) return false;
  const code = Number(error.errcode) & 0xff;
  return code === BUSY || code === LOCKED;
}
