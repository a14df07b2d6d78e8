import { SkeinError, isSkeinError } from "../../model/error.ts";

const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The primary result code of an error of SQLite; `undefined` for any other error. */
function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === BUSY || code === LOCKED;
}

/** An error of SQLite under Skein's codes; any other error as it is. */
export function storeErrorOf(error: unknown, path: string): unknown {
  if (isSkeinError(error)) return error;
  switch (sqliteCodeOf(error)) {
    case BUSY:
    case LOCKED:
      return new SkeinError("store_busy", `${path} is locked by another process. Try again.`, {
        retryAfterMs: 1_000,
        cause: error,
      });
    case FULL:
    case IOERR:
      return new SkeinError(
        "store_full",
        `Cannot write ${path}: the disk is full or does not answer. Nothing of the call was written.`,
        { cause: error },
      );
    case NOTADB:
    case CORRUPT:
      return corrupt(path, "it is damaged, or not a SQLite file", error);
    default:
      return error;
  }
}

/** The same while the file is opened, where whoever chose the path can help. */
export function openErrorOf(error: unknown, path: string): unknown {
  const code = sqliteCodeOf(error);
  const isPath = code === PERM || code === READONLY || code === CANTOPEN || isFileError(error);
  if (!isPath) return storeErrorOf(error, path);
  const why = error instanceof Error ? error.message : String(error);
  return new SkeinError("invalid_request", `Cannot open ${path} for writing: ${why}.`, {
    field: "path",
    cause: error,
  });
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

export function corrupt(path: string, what: string, cause?: unknown): SkeinError {
  return new SkeinError(
    "store_corrupt",
    `Cannot read ${path}: ${what}. Restore a backup, or choose another file.`,
    { cause },
  );
}
