import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { FileState } from "../model/file-change.ts";
import { codeOf, isMissing, refused } from "./locate.ts";

/** A file's state, and its content unless it is too large. */
export interface SeenFile {
  readonly state: FileState;
  readonly bytes: Buffer | null;
}

const SNIFFED_BYTES = 8_000; // as git does

/** Reads a plain file; `null` when there is none. Never follows a link, and does not wait for whoever writes to a pipe.
 *  @param mostBytes  larger files are hashed and not kept */
export async function seeFile(absolute: string, mostBytes: number): Promise<SeenFile | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: FileHandle;
  try {
    file = await open(absolute, flags);
  } catch (error) {
    if (isMissing(error)) return null;
    if (codeOf(error) === "ELOOP") throw refused(absolute, "is a link");
    throw error;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refused(absolute, "is not a plain file");
    const mode = stats.mode & 0o777;
    if (stats.size > mostBytes) return { state: { ...(await hashOf(file)), mode }, bytes: null };
    const bytes = await file.readFile();
    return { state: stateOf(bytes, mode), bytes };
  } finally {
    await file.close();
  }
}

/** The state of a file with this content. */
export function stateOf(bytes: Uint8Array, mode: number): FileState {
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
    mode,
    isBinary: isBinary(bytes),
    isKept: true,
  };
}

async function hashOf(file: FileHandle): Promise<Omit<FileState, "mode">> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let isFirstBinary: boolean | undefined;
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) {
    const bytes: Buffer = chunk;
    hash.update(bytes);
    sizeBytes += bytes.length;
    isFirstBinary ??= bytes.subarray(0, SNIFFED_BYTES).includes(0);
  }
  return { sha256: hash.digest("hex"), sizeBytes, isBinary: isFirstBinary ?? false, isKept: false };
}

function isBinary(bytes: Uint8Array): boolean {
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return false;
  } catch {
    return true;
  }
}
