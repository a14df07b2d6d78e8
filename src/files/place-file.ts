import { link, mkdir, open, rename, rm, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crashPoint } from "../agents/crash-point.ts";
import { SkeinError } from "../model/error.ts";
import { isSameState } from "../model/file-change.ts";
import type { FileState } from "../model/file-change.ts";
import { seeFile } from "./file-state.ts";
import { codeOf, OWN_PREFIX } from "./locate.ts";

export interface Placement {
  readonly path: string;
  readonly absolute: string;
  readonly before: FileState | null;
  /** `null` removes the file. */
  readonly after: { readonly state: FileState; readonly bytes: Uint8Array } | null;
}

/** Puts a file in the place of what is there, at once and durably: whoever looks sees the one or the other.
 *  @param token  of the change, the same when it is done again: what an attempt that was killed left is replaced
 *  @throws SkeinError  `file_conflict` if what is there is not `before`; nothing is touched then */
export async function placeFile(placement: Placement, token: string): Promise<void> {
  const { absolute, before, after } = placement;
  const folder = dirname(absolute);
  const aside = asideOf(absolute, token);
  if (after !== null) {
    await mkdir(folder, { recursive: true });
    await writeAside(aside, after.bytes, after.state.mode);
  }
  try {
    await requireState(placement);
    crashPoint("before-file-touch");
    if (after === null) await takeAway(placement, aside);
    else if (before === null) await putNew(placement, aside);
    else await rename(aside, absolute);
  } catch (error) {
    if (after !== null) await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(folder);
  crashPoint("after-file-touch");
}

/** Removes what an attempt that was killed has left beside the file. What was taken away and is not `before` is put back. */
export async function clearAside(
  { absolute, before }: Pick<Placement, "absolute" | "before">,
  token: string,
): Promise<void> {
  const aside = asideOf(absolute, token);
  const seen = before === null ? null : await seeFile(aside, Number.MAX_SAFE_INTEGER);
  const isOfOthers = seen !== null && !isSameState(seen.state, before);
  // A half-written file is shorter than any that was meant.
  if (isOfOthers && (await seeFile(absolute, 0)) === null) await link(aside, absolute);
  await rm(aside, { force: true });
}

/** Removes folders that are empty, the inner ones first; the others stay. */
export async function removeEmpty(root: string, folders: readonly string[]): Promise<void> {
  const inner = folders.toSorted((a, b) => b.length - a.length);
  for (const folder of inner) {
    try {
      await rmdir(join(root, folder));
    } catch (error) {
      if (!STAYS.includes(String(codeOf(error)))) throw error;
    }
  }
}

const STAYS: readonly string[] = ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"];

function asideOf(absolute: string, token: string): string {
  return join(dirname(absolute), `${OWN_PREFIX}-${token}`);
}

async function writeAside(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    const half = bytes.length >> 1;
    await file.writeFile(bytes.subarray(0, half));
    crashPoint("mid-file-write");
    await file.writeFile(bytes.subarray(half));
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function requireState({ path, absolute, before }: Placement): Promise<void> {
  const seen = await seeFile(absolute, before?.isKept === false ? 0 : Number.MAX_SAFE_INTEGER);
  if (!isSameState(seen?.state ?? null, before)) throw conflict(path);
}

/** A link never replaces anything, so what came meanwhile stays. */
async function putNew({ path, absolute }: Placement, aside: string): Promise<void> {
  try {
    await link(aside, absolute);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw conflict(path);
    if (codeOf(error) !== "EPERM" && codeOf(error) !== "ENOTSUP") throw error;
    // A file system without links: what came in the last microseconds would be lost.
    return rename(aside, absolute);
  }
  await unlink(aside);
}

/** Moved aside and looked at again: what came meanwhile is put back. */
async function takeAway({ path, absolute, before }: Placement, aside: string): Promise<void> {
  await rm(aside, { force: true });
  await rename(absolute, aside);
  const seen = await seeFile(aside, before?.isKept === false ? 0 : Number.MAX_SAFE_INTEGER);
  if (!isSameState(seen?.state ?? null, before)) {
    await link(aside, absolute);
    await unlink(aside);
    throw conflict(path);
  }
  await unlink(aside);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  // Windows opens no folders, and some file systems sync none.
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

export function conflict(path: string): SkeinError {
  return new SkeinError(
    "file_conflict",
    `${path} was changed meanwhile. Read it again and decide anew.`,
    { field: "path", details: { path } },
  );
}
