import type { Stats } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { SkeinError } from "../model/error.ts";

/** The folder that paths cannot lead out of. */
export interface Jail {
  /** Absolute, without links. */
  readonly root: string;
  /** Folded names that no path may have. */
  readonly protects: readonly string[];
  readonly isCaseInsensitive: boolean;
  readonly isWindows: boolean;
}

export interface Located {
  /** Below the root, links followed and the case as on disk: one file has one. */
  readonly path: string;
  readonly absolute: string;
  /** `null`: there is nothing. */
  readonly stats: Stats | null;
  /** Folders on the way that are not there, the outer ones first. */
  readonly missing: readonly string[];
  /** A file on the way, where a folder would have to be. */
  readonly blockedBy: string | null;
}

/** Begins the names of what a workspace keeps for itself. */
export const OWN_PREFIX = ".skein";

const MOST_NAME_BYTES = 255; // ext4, APFS, NTFS: none takes more
const MOST_PATH_BYTES = 4_095; // PATH_MAX of Linux, without its NUL

/** Finds what a path means in the jail, without opening it.
 *  @throws SkeinError  `path_refused` unless it is inside, and what is there is a folder or a plain file */
export async function locate(jail: Jail, path: string): Promise<Located> {
  const located = await find(jail, path);
  if (located.blockedBy !== null) throw refused(path, "goes through something that is no folder");
  return located;
}

/** The same, also where a file is in the way. */
export async function find(jail: Jail, path: string): Promise<Located> {
  const names = namesOf(jail, path);
  const missing: string[] = [];
  let blockedBy: string | null = null;
  let at: string[] = [];
  let stats: Stats | null = names.length === 0 ? await lstatOf(jail.root) : null;
  for (const [index, asked] of names.entries()) {
    const folder = join(jail.root, ...at);
    const isSettled = !jail.isCaseInsensitive || missing.length > 0;
    at.push(isSettled ? asked : await nameOnDisk(folder, asked));
    stats = missing.length > 0 ? null : await lstatOf(join(jail.root, ...at));
    if (stats?.isSymbolicLink() === true) {
      at = await followed(jail, join(jail.root, ...at), path);
      stats = await lstatOf(join(jail.root, ...at));
    }
    if (index === names.length - 1) break;
    if (stats?.isDirectory() === true) continue;
    if (stats !== null) blockedBy = at.join("/");
    missing.push(at.join("/"));
  }
  if (stats !== null && !stats.isFile() && !stats.isDirectory())
    throw refused(path, "is neither a plain file nor a folder");
  const absolute = join(jail.root, ...at);
  if (Buffer.byteLength(absolute) > MOST_PATH_BYTES) throw refused(path, "is too long");
  return { path: at.join("/"), absolute, stats, missing, blockedBy };
}

/** The names of a path, checked before anything is looked up. The root itself has none. */
function namesOf(jail: Jail, path: string): readonly string[] {
  if (typeof path !== "string" || path === "") throw refused(String(path), "is empty");
  if (/\p{Cc}/u.test(path) || !path.isWellFormed())
    throw refused(path, "has control characters or half surrogate pairs");
  if (path.includes("\\")) throw refused(path, "has a backslash; names are separated by /");
  if (isAbsolute(path) || /^[A-Za-z]:/.test(path)) throw refused(path, "is absolute");
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) throw refused(path.slice(0, 100), "is too long");
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw refused(path, "has ..");
  for (const name of names) {
    if (Buffer.byteLength(name) > MOST_NAME_BYTES)
      throw refused(`${name.slice(0, 100)}…`, "has a name that is too long");
    if (jail.isWindows && /:|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/iu.test(name))
      throw refused(path, "names a device or a stream");
  }
  checkNames(jail, names, path);
  return names;
}

/** Whether a name is one that a workspace keeps away from tools, however it is spelt. */
export function isProtected({ protects }: Pick<Jail, "protects">, name: string): boolean {
  const folded = folding(name);
  return folded.startsWith(OWN_PREFIX) || protects.includes(folded) || /^git~\d+$/.test(folded);
}

/** As file systems that do not tell cases apart see a name: HFS+ ignores what cannot be seen, Windows dots at the end. */
export function folding(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase()
    .replace(/[. ]+$/u, "");
}

function checkNames(jail: Jail, names: readonly string[], path: string): void {
  const own = names.find((name) => isProtected(jail, name));
  if (own !== undefined) throw refused(path, `leads to ${own}, which is protected`);
}

async function followed(jail: Jail, link: string, path: string): Promise<string[]> {
  const real = await realpath(link).catch(() => {
    throw refused(path, "is a link to nothing, or to itself");
  });
  const inside = relative(jail.root, real);
  if (inside.split(sep)[0] === ".." || isAbsolute(inside))
    throw refused(path, "is a link that leads out of the workspace");
  const names = inside === "" ? [] : inside.split(sep);
  checkNames(jail, names, path);
  return names;
}

async function nameOnDisk(folder: string, asked: string): Promise<string> {
  const there = await readdir(folder).catch((): string[] => []);
  if (there.includes(asked)) return asked;
  return there.find((name) => folding(name) === folding(asked)) ?? asked;
}

async function lstatOf(absolute: string): Promise<Stats | null> {
  try {
    return await lstat(absolute);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

export function refused(path: string, why: string): SkeinError {
  return new SkeinError("path_refused", `${JSON.stringify(path)} ${why}.`, { field: "path" });
}
