import { stat } from "node:fs/promises";
import { SkeinError } from "../model/error.ts";
import type { Changed } from "./change-files.ts";
import { changeFiles } from "./change-files.ts";
import { seeFile, stateOf } from "./file-state.ts";
import type { SeenFile } from "./file-state.ts";
import { locate, refused } from "./locate.ts";
import type { Located } from "./locate.ts";
import { conflict } from "./place-file.ts";
import type { Recorder } from "./recorder.ts";
import { walk } from "./walk.ts";
import type { Walked } from "./walk.ts";
import type { Room } from "./workspace-room.ts";

const NEW_FILE_MODE = 0o644;

export interface FileContent {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly isBinary: boolean;
}

export interface WriteInput {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Refuses to replace anything but a file with this content; `null`: anything at all. */
  readonly expected?: string | null;
}

export interface EditInput {
  readonly path: string;
  /** Must be in the file, once unless `all`. */
  readonly find: string;
  readonly replace: string;
  readonly all?: boolean;
}

export interface MoveInput {
  readonly from: string;
  readonly to: string;
  /** Also if something is there. Default false. */
  readonly replace?: boolean;
}

export async function readFile(room: Room, path: string): Promise<FileContent> {
  const { located, seen } = await existing(room, path);
  if (seen.bytes === null) throw tooLarge(room, located.path, seen.state.sizeBytes);
  const { sha256, isBinary } = seen.state;
  return { path: located.path, bytes: seen.bytes, sha256, isBinary };
}

export function writeFile(
  room: Room,
  recorder: Recorder,
  { path, content, expected }: WriteInput,
): Promise<Changed> {
  const bytes = Buffer.from(content as Uint8Array);
  const asked = { action: "write", path, sha256: stateOf(bytes, 0).sha256, expected } as const;
  return changeFiles(room, recorder, asked, async () => {
    if (bytes.length > room.limits.fileBytes) throw tooLarge(room, path, bytes.length);
    const located = await locate(room.jail, path);
    const before = await seen(room, located);
    const isExpected = expected === undefined || (before?.state.sha256 ?? null) === expected;
    if (!isExpected) throw conflict(located.path);
    const mode = before?.state.mode ?? NEW_FILE_MODE;
    return [{ path: located.path, before, after: { state: stateOf(bytes, mode), bytes } }];
  });
}

export function editFile(
  room: Room,
  recorder: Recorder,
  { path, find, replace, all = false }: EditInput,
): Promise<Changed> {
  return changeFiles(room, recorder, { action: "edit", path, find, replace, all }, async () => {
    const { located, seen: before } = await existing(room, path);
    if (before.bytes === null) throw tooLarge(room, located.path, before.state.sizeBytes);
    if (before.state.isBinary)
      throw new SkeinError("invalid_request", `${located.path} is binary; write it whole.`);
    const parts = before.bytes.toString("utf8").split(find);
    if (find === "" || parts.length === 1)
      throw new SkeinError("invalid_request", `${located.path} has no such text.`, {
        field: "find",
      });
    if (parts.length > 2 && !all)
      throw new SkeinError(
        "invalid_request",
        `${located.path} has the text ${parts.length - 1} times. Give more of what is around it.`,
        { field: "find" },
      );
    const bytes = Buffer.from(parts.join(replace));
    if (bytes.length > room.limits.fileBytes) throw tooLarge(room, located.path, bytes.length);
    return [
      { path: located.path, before, after: { state: stateOf(bytes, before.state.mode), bytes } },
    ];
  });
}

export function deleteFile(room: Room, recorder: Recorder, path: string): Promise<Changed> {
  return changeFiles(room, recorder, { action: "delete", path }, async () => {
    const { located, seen: before } = await existing(room, path);
    requireKept(room, located.path, before);
    return [{ path: located.path, before, after: null }];
  });
}

export function moveFile(
  room: Room,
  recorder: Recorder,
  { from, to, replace = false }: MoveInput,
): Promise<Changed> {
  return changeFiles(room, recorder, { action: "move", from, to, replace }, async () => {
    const source = await existing(room, from);
    requireKept(room, source.located.path, source.seen);
    const target = await locate(room.jail, to);
    if (target.path === source.located.path)
      throw new SkeinError("invalid_request", "Both paths are the same file.", { field: "to" });
    const there = await seen(room, target);
    if (there !== null && !replace)
      throw new SkeinError("file_conflict", `${target.path} is there already.`, { field: "to" });
    if (there !== null) requireKept(room, target.path, there);
    // The new one first: killed in between, there are two and never none.
    return [
      {
        path: target.path,
        before: there,
        after: source.seen,
        movedFrom: source.located.path,
      },
      { path: source.located.path, before: source.seen, after: null },
    ];
  });
}

export interface ListedFile extends Walked {
  /** Of files. */
  readonly sizeBytes?: number;
}

export async function listFiles(
  room: Room,
  path = ".",
  isDeep = false,
): Promise<{ readonly files: readonly ListedFile[]; readonly isCut: boolean }> {
  const located = await locate(room.jail, path);
  if (located.stats === null) throw notFound(path);
  if (!located.stats.isDirectory()) throw refused(path, "is no folder");
  const files: ListedFile[] = [];
  for await (const found of walk(room.jail, located.path, isDeep)) {
    if (files.length === room.limits.listed) return { files, isCut: true };
    const stats =
      found.kind === "file"
        ? await stat(`${room.jail.root}/${found.path}`).catch(() => null)
        : null;
    files.push(stats === null ? found : { ...found, sizeBytes: stats.size });
  }
  return { files, isCut: false };
}

async function existing(
  room: Room,
  path: string,
): Promise<{ readonly located: Located; readonly seen: SeenFile }> {
  const located = await locate(room.jail, path);
  const found = await seen(room, located);
  if (found === null) throw notFound(path);
  return { located, seen: found };
}

async function seen(room: Room, { path, absolute, stats }: Located): Promise<SeenFile | null> {
  if (stats === null) return null;
  if (!stats.isFile()) throw refused(path, "is a folder");
  return seeFile(absolute, room.limits.fileBytes);
}

/** What could not be brought back is not taken away. */
function requireKept(room: Room, path: string, { bytes, state }: SeenFile): void {
  if (bytes === null) throw tooLarge(room, path, state.sizeBytes);
}

function tooLarge({ limits }: Room, path: string, sizeBytes: number): SkeinError {
  return new SkeinError(
    "limit_exceeded",
    `${path} has ${sizeBytes} bytes, more than ${limits.fileBytes}.`,
    { field: "path", details: { limit: limits.fileBytes, size_bytes: sizeBytes } },
  );
}

function notFound(path: string): SkeinError {
  return new SkeinError("file_not_found", `There is no file ${path}.`, { field: "path" });
}
