import { hash } from "node:crypto";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject } from "../../model/json.ts";
import type { JsonObject } from "../../model/json.ts";

export const MANIFEST = "manifest.jsonl";
export const THREADS = "threads";
export const BLOBS = "blobs/sha256";

/** A thread in a manifest. */
export interface ThreadEntry {
  readonly type: "thread";
  readonly id: string;
  readonly file: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  readonly thread_version: number;
  /** Files that its messages name, by SHA-256. */
  readonly blobs: readonly string[];
}

/** A file name for any id, on file systems that know no capitals, too. */
export function threadFile(id: string): string {
  const safe = id.replaceAll(/[^a-z0-9._-]/g, "~");
  const name = safe === id && id.length < 100 ? id : `${safe.slice(0, 60)}~${shortHash(id)}`;
  return `${THREADS}/${name}.jsonl`;
}

export function blobFile(sha256: string): string {
  return `${BLOBS}/${sha256}`;
}

function shortHash(text: string): string {
  return hash("sha256", text).slice(0, 16);
}

/** A thread's line in a manifest, if it is one and leads to nowhere else than into the folder. */
export function threadEntry(line: JsonObject): ThreadEntry | undefined {
  const { type, id, file, sha256, thread_version, blobs } = line;
  const isGood =
    type === "thread" &&
    typeof id === "string" &&
    file === threadFile(id) &&
    typeof sha256 === "string" &&
    typeof thread_version === "number" &&
    Array.isArray(blobs);
  if (!isGood) return undefined;
  return {
    type,
    id,
    file,
    sha256,
    thread_version,
    blobs: blobs.filter((it) => typeof it === "string" && /^[0-9a-f]{64}$/.test(it)),
  };
}

/** The object in a line; nothing where there is none. */
export function objectIn(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The whole file or none: it gets its name when it is on disk. */
export async function writeWhole(
  folder: string,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const path = join(folder, name);
  const file = await open(`${path}.part`, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}
