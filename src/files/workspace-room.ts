import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { checkId } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { LIMITS } from "../model/limits.ts";
import { codeOf, folding, OWN_PREFIX } from "./locate.ts";
import type { Jail } from "./locate.ts";
import { WorkspaceLock } from "./workspace-lock.ts";

/** What a workspace asks of an engine, or of a Skein. */
export type FileEngine = Pick<
  Engine,
  "putBlob" | "getBlob" | "fileChanges" | "recordFiles" | "get"
> & { as(principal: { readonly tenant: string }): FileEngine };

export interface WorkspaceLimits {
  /** Bytes of a file that tools may write and that is kept for a rollback; 8 MiB, at most 64 MiB. */
  readonly fileBytes: number;
  /** Bytes of text that one `read` answers, 256 KiB. */
  readonly readBytes: number;
  /** Files that one `track` may cover, 10,000. */
  readonly trackedFiles: number;
  /** Names that one `list` answers, 1,000. */
  readonly listed: number;
}

export interface WorkspaceOptions {
  /** A folder that exists. */
  readonly root: string;
  /** Where changes are noted. A function, or `connect`, where the agents with the tools are made before it. */
  readonly skein?: FileEngine | (() => FileEngine);
  /** The thread of calls that name none. */
  readonly threadId?: string;
  /** Whose files the changes are about, for rollbacks: give one where the folder moves between machines. Default: an id that is
   *  kept in the folder. */
  readonly name?: string;
  readonly limits?: Partial<WorkspaceLimits>;
  /** Names that no path may have, at any depth, beside those that begin with `.skein`. Default `.git`. */
  readonly protect?: readonly string[];
  /** Default: found out. */
  readonly isCaseInsensitive?: boolean;
}

/** A folder, opened. */
export interface Room {
  readonly jail: Jail;
  readonly workspace: string;
  readonly limits: WorkspaceLimits;
  readonly lock: WorkspaceLock;
}

const DEFAULT_LIMITS: WorkspaceLimits = {
  fileBytes: 8_388_608,
  readBytes: 262_144,
  trackedFiles: 10_000,
  listed: 1_000,
};

export async function openRoom(options: WorkspaceOptions): Promise<Room> {
  const { limits = {}, protect = [".git"], name } = options;
  const root = await realpath(options.root).catch((error: unknown) => {
    throw new SkeinError("invalid_request", `There is no folder ${options.root}.`, {
      field: "root",
      cause: error,
    });
  });
  if (!(await stat(root)).isDirectory())
    throw new SkeinError("invalid_request", `${options.root} is no folder.`, { field: "root" });
  const own = join(root, OWN_PREFIX);
  await mkdir(own, { recursive: true, mode: 0o700 });
  if ((await realpath(own)) !== own)
    throw new SkeinError(
      "path_refused",
      `${own} is a link; a workspace keeps its own things there.`,
    );
  if (name !== undefined) checkId(name, "name");
  const { fileBytes, ...others } = { ...DEFAULT_LIMITS, ...limits };
  return {
    jail: {
      root,
      protects: protect.map(folding),
      isCaseInsensitive: options.isCaseInsensitive ?? (await isFoldingCase(own)),
      isWindows: process.platform === "win32",
    },
    workspace: name ?? (await idOf(own)),
    limits: { ...others, fileBytes: Math.min(fileBytes, LIMITS.blobBytes) },
    lock: new WorkspaceLock(root),
  };
}

/** Made once, also by two processes at the same moment. */
async function idOf(own: string): Promise<string> {
  const path = join(own, "workspace-id");
  const known = await readFile(path, "utf8").catch(() => null);
  if (known !== null) return known.trim();
  const mine = `${path}-${randomUUID()}`;
  await writeFile(mine, `ws_${randomUUID()}\n`, { flush: true });
  await link(mine, path).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
  await rm(mine);
  return (await readFile(path, "utf8")).trim();
}

async function isFoldingCase(own: string): Promise<boolean> {
  const [here, there] = await Promise.all([
    stat(own),
    stat(own.replace(/\.skein$/u, ".SKEIN")).catch(() => null),
  ]);
  return there !== null && here.ino === there.ino && here.dev === there.dev;
}
