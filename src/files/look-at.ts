import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { SkeinError } from "../model/error.ts";
import { seeFile } from "./file-state.ts";
import type { SeenFile } from "./file-state.ts";
import { find } from "./locate.ts";
import type { Jail } from "./locate.ts";
import { conflict } from "./place-file.ts";
import { walk } from "./walk.ts";

export interface Sight {
  readonly absolute: string;
  /** `null`: there is no file. */
  readonly seen: SeenFile | null;
  /** A folder stands there. */
  readonly isFolder: boolean;
  /** A file stands in the place of a folder on the way. */
  readonly blockedBy: string | null;
}

/** What stands at a path that was noted.
 *  @throws SkeinError  `file_conflict` if it is another file by now, because of a link */
export async function lookAt(jail: Jail, path: string, mostBytes: number): Promise<Sight> {
  const { absolute, path: found, stats, blockedBy } = await find(jail, path);
  if (found !== path)
    throw new SkeinError("file_conflict", `${path} is now a link to ${found}.`, {
      details: { path },
    });
  const isFolder = stats?.isDirectory() === true;
  const isFile = stats !== null && !isFolder;
  return {
    absolute,
    seen: isFile ? await seeFile(absolute, mostBytes) : null,
    isFolder,
    blockedBy,
  };
}

/** Makes room for a file where a folder stands: empty ones go.
 *  @throws SkeinError  `file_conflict` if there is anything else in it; all of that stays */
export async function clearFolder(jail: Jail, path: string): Promise<void> {
  const folders = [path];
  for await (const found of walk(jail, path, true)) {
    if (found.kind !== "folder") throw conflict(path);
    folders.push(found.path);
  }
  for (const folder of folders.toReversed())
    await rmdir(join(jail.root, folder)).catch(() => {
      throw conflict(path);
    });
}
