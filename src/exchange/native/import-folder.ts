import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { bringPortable } from "../bring.ts";
import type { ImportOptions, ImportReport, ImportTarget } from "../import-options.ts";
import { Tally } from "../tally.ts";
import { blobFile, MANIFEST, objectIn, threadEntry } from "./folder-files.ts";
import type { ThreadEntry } from "./folder-files.ts";
import { isOfStore } from "./store-trouble.ts";

const THREAD_BYTES = 2 * LIMITS.importBytes;

/** Brings in what `exportFolder` wrote. Every file is compared with its checksum before it is used; a thread that is not whole
 *  is a problem in the report, and the others are brought. Only files of the folder itself are read: no links, no paths that
 *  the manifest makes up. The same again changes nothing.
 *  @throws SkeinError  `invalid_request` for a folder without a manifest; what the store says when it can write nothing at all */
export async function importFolder(
  target: ImportTarget,
  folder: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const tally = new Tally();
  const sum = createHash("sha256");
  let threads = 0;
  let end: JsonObject | undefined;
  let at = 0;
  await requireManifest(folder);
  for await (const text of createInterface({ input: createReadStream(join(folder, MANIFEST)) })) {
    options.signal?.throwIfAborted();
    at += 1;
    const line = objectIn(text);
    if (line?.["type"] === "skein.end") {
      end = { ...line, isSame: line["sha256"] === sum.copy().digest("hex") };
      continue;
    }
    sum.update(`${text}\n`);
    if (at === 1) {
      requireHeader(line);
      continue;
    }
    const entry = line && threadEntry(line);
    if (entry === undefined) {
      tally.problem({ file: MANIFEST, at, reason: "The line names no thread of this folder." });
      continue;
    }
    threads += 1;
    await bringThread(target, folder, entry, { tally, options });
    options.onProgress?.({ file: entry.file, bytes: 0, conversations: tally.conversations });
  }
  if (end === undefined)
    tally.problem({ file: MANIFEST, reason: `The manifest ends early, after ${threads} threads.` });
  else if (end["isSame"] !== true || end["threads"] !== threads)
    tally.problem({ file: MANIFEST, reason: "The manifest is not as it was written." });
  return tally.report();
}

async function requireManifest(folder: string): Promise<void> {
  const found = await lstat(join(folder, MANIFEST)).catch(() => null);
  if (found === null || !found.isFile())
    throw new SkeinError("invalid_request", `${folder} has no ${MANIFEST}.`, { field: "file" });
}

function requireHeader(line: JsonObject | undefined): void {
  if (line?.["type"] !== "skein.folder" || line["version"] !== 1)
    throw new SkeinError("invalid_request", `${MANIFEST} is none that is known here.`, {
      field: "file",
    });
}

interface Bringing {
  readonly tally: Tally;
  readonly options: ImportOptions;
}

async function bringThread(
  target: ImportTarget,
  folder: string,
  entry: ThreadEntry,
  { tally, options }: Bringing,
): Promise<void> {
  const { isDryRun = false, agentId, signal } = options;
  const call = signal === undefined ? {} : { signal };
  try {
    const bytes = await wholeFile(folder, entry.file, entry.sha256, THREAD_BYTES);
    const value = objectIn(bytes.toString("utf8"));
    if (value === undefined) throw wrong(`${entry.file} is not JSON.`);
    const types = mediaTypes(value);
    for (const sha256 of entry.blobs) {
      const blob = await wholeFile(folder, blobFile(sha256), sha256, LIMITS.blobBytes);
      if (!isDryRun)
        await target.putBlob(blob, types.get(sha256) ?? "application/octet-stream", call);
    }
    const asked = { isDryRun, ...call, ...(agentId !== undefined && { agentId }) };
    const { outcome, messages } = await bringPortable(target, value, asked);
    tally.add("skein", outcome, messages);
  } catch (error) {
    signal?.throwIfAborted();
    if (!isSkeinError(error) || isOfStore(error)) throw error;
    tally.problem({ file: entry.file, id: entry.id, reason: error.message });
  }
}

function mediaTypes({ blobs }: JsonObject): ReadonlyMap<unknown, string> {
  const list = Array.isArray(blobs) ? blobs : [];
  return new Map(list.map((blob) => [blob?.["sha256"], String(blob?.["media_type"])] as const));
}

async function wholeFile(
  folder: string,
  name: string,
  sha256: string,
  maxBytes: number,
): Promise<Buffer> {
  const path = join(folder, name);
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isFile()) throw wrong(`${name} is missing, or no plain file.`);
  if (found.size > maxBytes) throw wrong(`${name} is larger than ${maxBytes} bytes.`);
  const bytes = await readFile(path);
  if (hash("sha256", bytes) !== sha256) throw wrong(`${name} is not as it was written.`);
  return bytes;
}

function wrong(message: string): SkeinError {
  return new SkeinError("invalid_request", message, { field: "file" });
}
