import { join } from "node:path";
import { SkeinError } from "../model/error.ts";
import { isSameState } from "../model/file-change.ts";
import type { FileEdit, FileState } from "../model/file-change.ts";
import { seeFile } from "./file-state.ts";
import { locate } from "./locate.ts";
import { walk } from "./walk.ts";
import type { Room } from "./workspace-room.ts";

/** How files were at one moment. */
export interface Snapshot {
  /** Files and folders that it covers, with all that is below them. */
  readonly paths: readonly string[];
  readonly files: ReadonlyMap<string, FileState>;
  readonly folders: readonly string[];
}

/** Looks at files, and at all that is below folders.
 *  @param save  is given the content of every file that is not too large */
export async function snapshotOf(
  room: Room,
  paths: readonly string[],
  save: (state: FileState, bytes: Uint8Array) => Promise<void>,
): Promise<Snapshot> {
  const { jail, limits } = room;
  const files = new Map<string, FileState>();
  const folders: string[] = [];
  const add = async (path: string): Promise<void> => {
    const seen = await seeFile(join(jail.root, path), limits.fileBytes);
    if (seen === null) return;
    files.set(path, seen.state);
    if (files.size > limits.trackedFiles)
      throw new SkeinError(
        "limit_exceeded",
        `More than ${limits.trackedFiles} files are to be tracked. Name fewer.`,
        { field: "paths", details: { limit: limits.trackedFiles } },
      );
    if (seen.bytes !== null) await save(seen.state, seen.bytes);
  };
  for (const path of new Set(paths)) {
    const stats = path === "" ? null : (await locate(jail, path)).stats;
    if (stats?.isFile() === true) await add(path);
    else
      for await (const found of walk(jail, path, true)) {
        if (found.kind === "file") await add(found.path);
        else if (found.kind === "folder") folders.push(found.path);
      }
  }
  return { paths, files, folders };
}

export function differences(before: Snapshot, after: Snapshot): readonly FileEdit[] {
  const paths = new Set([...before.files.keys(), ...after.files.keys()]);
  return [...paths].sort().flatMap((path) => {
    const edit = {
      path,
      before: before.files.get(path) ?? null,
      after: after.files.get(path) ?? null,
    };
    return isSameState(edit.before, edit.after) ? [] : [edit];
  });
}

export function encodeSnapshot({ paths, files, folders }: Snapshot): Buffer {
  return Buffer.from(JSON.stringify({ paths, files: [...files], folders }));
}

export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const {
    paths,
    files,
    folders,
  }: Omit<Snapshot, "files"> & {
    readonly files: readonly (readonly [string, FileState])[];
  } = JSON.parse(Buffer.from(bytes).toString());
  return { paths, files: new Map(files), folders };
}
