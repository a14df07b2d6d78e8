import { SkeinError, isSkeinError } from "../../model/error.ts";

const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EIO"]);
const NOT_WRITABLE: ReadonlySet<string> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOTDIR",
  "EEXIST",
  "EISDIR",
  "ELOOP",
  "ENOENT",
]);

/** An error of the file system under Skein's codes; any other error as it is. */
export function fileErrorOf(error: unknown, folder: string): unknown {
  const code = codeOf(error);
  if (code === undefined || isSkeinError(error)) return error;
  if (FULL.has(code))
    return new SkeinError(
      "store_full",
      `Cannot write to ${folder}: the disk is full or does not answer (${code}). Nothing of the call was written.`,
      { cause: error },
    );
  if (NOT_WRITABLE.has(code))
    return new SkeinError(
      "invalid_request",
      `Cannot use ${folder} as a store (${code}). Choose a folder that this process may write to.`,
      { field: "path", cause: error },
    );
  return error;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Refuses a file that cannot be read, by name and line. Nothing was changed. */
export function corruptFile(path: string, what: string, line?: number): SkeinError {
  const where = line === undefined ? path : `${path}, line ${line}`;
  return new SkeinError(
    "store_corrupt",
    `Cannot read ${where}: ${what}. Nothing was changed; mend the file or restore it from a backup.`,
    { details: { path, ...(line !== undefined && { line }) } },
  );
}
