import { createHash, hash } from "node:crypto";
import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ThreadExport } from "../../engine/engine.ts";
import { allThreads } from "./all-threads.ts";
import { callOf } from "./export-lines.ts";
import { exportOf, leaveOut } from "./export-options.ts";
import type { ExportOptions, ExportSource } from "./export-options.ts";
import {
  blobFile,
  BLOBS,
  MANIFEST,
  objectIn,
  THREADS,
  threadEntry,
  threadFile,
  writeWhole,
} from "./folder-files.ts";
import type { ThreadEntry } from "./folder-files.ts";

export interface FolderReport {
  readonly threads: number;
  /** Threads that were there before, as they are now. */
  readonly unchanged: number;
  readonly blobs: number;
}

/** Writes threads into a folder: `threads/ID.jsonl`, `blobs/sha256/…` and `manifest.jsonl` with a checksum of every file. Threads
 *  that an earlier export left there unchanged are not written again, so the same call goes on after an interruption.
 *  Holds one thread or one file at a time.
 *  @throws SkeinError  `limit_exceeded` for a thread of more than 10,000 messages, unless `onProblem` takes it */
export async function exportFolder(
  source: ExportSource,
  folder: string,
  options: ExportOptions = {},
): Promise<FolderReport> {
  const { threadIds = allThreads(source, callOf(options)), onProgress } = options;
  await mkdir(join(folder, THREADS), { recursive: true });
  await mkdir(join(folder, BLOBS), { recursive: true });
  const { storeId } = await source.store.open();
  // An export that was stopped has left its manifest beside the one before it.
  const before = await entriesIn(join(folder, MANIFEST), storeId);
  const partial = await entriesIn(join(folder, `${MANIFEST}.part`), storeId);
  const manifest = await Manifest.begin(folder, storeId);
  const report = { threads: 0, unchanged: 0, blobs: 0 };
  try {
    for await (const id of threadIds) {
      options.signal?.throwIfAborted();
      try {
        const known = partial.get(id) ?? before.get(id);
        const done = await writeThread(source, folder, id, { known, options });
        await manifest.add(done.entry);
        report.threads += 1;
        report.blobs += done.blobs;
        if (done.isUnchanged) report.unchanged += 1;
        onProgress?.({ threads: report.threads });
      } catch (error) {
        leaveOut(error, id, options);
      }
    }
    await manifest.end(report.threads);
    return report;
  } finally {
    await manifest.close();
  }
}

interface Writing {
  readonly known: ThreadEntry | undefined;
  readonly options: ExportOptions;
}

async function writeThread(
  source: ExportSource,
  folder: string,
  id: string,
  { known, options }: Writing,
): Promise<{ readonly entry: ThreadEntry; readonly blobs: number; readonly isUnchanged: boolean }> {
  if (known !== undefined && (await isThere(folder, known.file))) {
    const now = await source.serialize(id, callOf(options));
    if (now.thread_version === known.thread_version)
      return { entry: known, blobs: 0, isUnchanged: true };
  }
  const exported = await exportOf(source, id, 0, callOf(options));
  const blobs = await writeBlobs(source, folder, exported, options);
  const content = `${JSON.stringify(exported)}\n`;
  const file = threadFile(id);
  await writeWhole(folder, file, content);
  const entry: ThreadEntry = {
    type: "thread",
    id,
    file,
    sha256: hash("sha256", content),
    thread_version: Number(exported.thread["version"]),
    blobs: exported.blobs.map(({ sha256 }) => sha256),
  };
  return { entry, blobs, isUnchanged: false };
}

async function writeBlobs(
  source: ExportSource,
  folder: string,
  { blobs }: ThreadExport,
  options: ExportOptions,
): Promise<number> {
  let written = 0;
  for (const { sha256 } of blobs) {
    if (await isThere(folder, blobFile(sha256))) continue;
    const { bytes } = await source.getBlob(sha256, callOf(options));
    await writeWhole(folder, blobFile(sha256), bytes);
    written += 1;
  }
  return written;
}

async function isThere(folder: string, name: string): Promise<boolean> {
  return access(join(folder, name)).then(
    () => true,
    () => false,
  );
}

async function entriesIn(path: string, storeId: string): Promise<ReadonlyMap<string, ThreadEntry>> {
  const found = new Map<string, ThreadEntry>();
  if (!(await isThere(path, ""))) return found;
  let isOurs = false;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const line = objectIn(text);
    if (line === undefined) continue;
    if (line["type"] === "skein.folder") isOurs = line["store_id"] === storeId;
    const entry = isOurs ? threadEntry(line) : undefined;
    if (entry !== undefined) found.set(entry.id, entry);
  }
  return found;
}

/** Grows beside the one before it and takes its place at the end. */
class Manifest {
  readonly #folder: string;
  readonly #file: Awaited<ReturnType<typeof open>>;
  readonly #hash: Hash = createHash("sha256");
  #isEnded = false;

  private constructor(folder: string, file: Awaited<ReturnType<typeof open>>) {
    this.#folder = folder;
    this.#file = file;
  }

  static async begin(folder: string, storeId: string): Promise<Manifest> {
    const file = await open(join(folder, `${MANIFEST}.part`), "w");
    const manifest = new Manifest(folder, file);
    const at = new Date().toISOString();
    await manifest.#write({ type: "skein.folder", version: 1, store_id: storeId, exported_at: at });
    return manifest;
  }

  add(entry: ThreadEntry): Promise<void> {
    return this.#write(entry);
  }

  async end(threads: number): Promise<void> {
    await this.#write({ type: "skein.end", threads, sha256: this.#hash.copy().digest("hex") });
    await this.#file.sync();
    this.#isEnded = true;
  }

  async close(): Promise<void> {
    await this.#file.close();
    const path = join(this.#folder, MANIFEST);
    if (this.#isEnded) await rename(`${path}.part`, path);
  }

  async #write(line: object): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    this.#hash.update(text);
    await this.#file.write(text);
  }
}
