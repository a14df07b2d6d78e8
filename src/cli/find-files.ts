import { createReadStream } from "node:fs";
import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ImportFile } from "../exchange/import-options.ts";
import { usageError } from "./arguments.ts";

export interface FoundImports {
  readonly files: readonly ImportFile[];
  /** Folders that `skein export` wrote. */
  readonly folders: readonly string[];
}

/** The files of a command line: files, `-` for stdin, and everything in folders that could be conversations. Links inside of
 *  folders are not followed.
 *  @throws SkeinError  `invalid_request` when one cannot be read */
export async function findImports(paths: readonly string[]): Promise<FoundImports> {
  const files: ImportFile[] = [];
  const folders: string[] = [];
  for (const path of paths) {
    if (path === "-") files.push({ name: "stdin", read: () => process.stdin });
    else if (!(await statOf(path)).isDirectory()) files.push(await fileAt(path));
    else if (await isExport(path)) folders.push(path);
    else for await (const found of conversationsIn(path)) files.push(await fileAt(found));
  }
  return { files, folders };
}

async function* conversationsIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* conversationsIn(path);
    else if (entry.isFile() && /\.jsonl?$/i.test(entry.name)) yield path;
  }
}

async function fileAt(path: string): Promise<ImportFile> {
  const { size } = await statOf(path);
  return { name: path, sizeBytes: size, read: () => createReadStream(path) };
}

async function isExport(folder: string): Promise<boolean> {
  return lstat(join(folder, "manifest.jsonl")).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw usageError(`${path} cannot be read (${reason}).`, "file");
  }
}
