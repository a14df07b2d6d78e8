import { closeSync, fsyncSync, openSync, rmSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Store, StoreInfo } from "../store.ts";
import { Blobs } from "./blobs.ts";
import { syncFile, syncFolder } from "./durable-file.ts";
import { Eraser } from "./eraser.ts";
import type { Erasure } from "./erasure.ts";
import { corruptFile } from "./file-error.ts";
import { openEmptyIndex, openIndex, stampIndex } from "./index-store.ts";
import type { Index } from "./index-store.ts";
import { LAYOUT } from "./layout.ts";
import { changedSince, fingerprintOf, listLogs } from "./list-logs.ts";
import { Journal } from "./journal.ts";
import { sizeOf, writePiece } from "./piece.ts";
import { replayLogs } from "./replay.ts";
import { scanLog } from "./scan-log.ts";
import type { LogScan } from "./scan-log.ts";

/** An end of a log that a crash tore off, and that was cut. */
export interface Healed {
  readonly path: string;
  readonly threadId: string | null;
  readonly line: number;
  readonly bytes: number;
}

export interface Recovered {
  readonly index: Store;
  readonly info: StoreInfo;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly eraser: Eraser;
  readonly newestCommit: number;
  readonly healed: readonly Healed[];
}

/** Brings a folder in order that any crash may have left: the logs from the journal, then the index from the logs.
 *  Reads the logs that changed since the index was closed; all of them when it is missing. */
export async function recover(
  folder: string,
  storeId: string,
  threads: boolean,
): Promise<Recovered> {
  const journal = new Journal(join(folder, LAYOUT.journal));
  let index: Index | undefined;
  try {
    const erasures = await writeJournal(folder, journal);
    index = await openIndex(folder, storeId, threads);
    const followed = await followLogs(folder, storeId, threads, index);
    index = followed.index;
    const { store, info } = index;
    const blobs = new Blobs(folder, store);
    const eraser = new Eraser(folder, store, blobs);
    for (const erasure of erasures) await eraser.erase(erasure, Date.now());
    journal.clear();
    await blobs.dropOldUploads(Date.now());
    const { newestCommit, scans } = followed;
    const healed = scans.flatMap(healedIn);
    return { index: store, info, journal, blobs, eraser, newestCommit, healed };
  } catch (error) {
    journal.close();
    await index?.store.close();
    throw error;
  }
}

/** Makes sure that what the journal has is at the ends of the logs. */
async function writeJournal(folder: string, journal: Journal): Promise<readonly Erasure[]> {
  const records = journal.load();
  const erasures = records.flatMap((record) => record.erasures);
  const paths = new Set<string>();
  for (const piece of records.flatMap(({ pieces }) => pieces)) {
    const path = join(folder, piece.path);
    if (sizeOf(path) < piece.at)
      throw corruptFile(piece.path, "it is shorter than when it was written to last");
    writePiece(folder, piece);
    paths.add(path);
  }
  for (const path of paths) await syncFile(path);
  for (const parent of new Set([...paths].map((path) => dirname(path)))) syncFolder(parent);
  if (erasures.length > 0) await journal.keepErasures(erasures);
  else journal.clear();
  return erasures;
}

interface Followed {
  readonly index: Index;
  readonly scans: readonly LogScan[];
  readonly newestCommit: number;
}

async function followLogs(
  folder: string,
  storeId: string,
  threads: boolean,
  opened: Index,
): Promise<Followed> {
  const logs = listLogs(folder);
  const known = opened.fingerprint;
  const changed = known && changedSince(known, logs);
  if (known !== null && changed?.length === 0)
    return { index: opened, scans: [], newestCommit: known.commit };
  const scans = (changed ?? logs).map(({ path }) => scanLog(folder, path));
  const versions = changed && (await versionsIn(opened.store, scans));
  if (versions !== null)
    return follow(folder, { storeId, threads, index: opened, scans, versions });
  const all = changed === null ? scans : logs.map(({ path }) => scanLog(folder, path));
  if (known !== null) await opened.store.close();
  const index = known === null ? opened : await openEmptyIndex(folder, threads);
  await new Blobs(folder, index.store).register();
  return follow(folder, { storeId, threads, index, scans: all, versions: new Map() });
}

interface Following {
  readonly storeId: string;
  readonly threads: boolean;
  readonly index: Index;
  readonly scans: readonly LogScan[];
  /** Path of a log → how much of it the index has. */
  readonly versions: ReadonlyMap<string, number>;
}

async function follow(
  folder: string,
  { storeId, threads, index, scans, versions }: Following,
): Promise<Followed> {
  for (const scan of scans) heal(folder, scan);
  await replayLogs(folder, index.store, scans, versions);
  const newestCommit = scans.reduce(
    (highest, { commit }) => Math.max(highest, commit),
    index.fingerprint?.commit ?? 0,
  );
  const stamp = (): Promise<void> =>
    stampIndex(folder, storeId, index.info.storeId, fingerprintOf(listLogs(folder), newestCommit));
  if (scans.length === 0) {
    await stamp();
    return { index, scans, newestCommit };
  }
  // Closing brings it to the disk, before it is said to have everything.
  await index.store.close();
  await stamp();
  return { index: await openIndex(folder, storeId, threads), scans, newestCommit };
}

/** How far the index knows the logs; `null` when it knows more than they have. */
async function versionsIn(
  index: Store,
  scans: readonly LogScan[],
): Promise<ReadonlyMap<string, number> | null> {
  const versions = new Map<string, number>();
  for (const { key, path, version } of scans) {
    if (key === null) return null;
    const [head] = await index.loadHeads([key]);
    if ((head?.version ?? 0) > version) return null;
    versions.set(path, head?.version ?? 0);
  }
  return versions;
}

function heal(folder: string, { path, key, torn }: LogScan): void {
  if (torn === null) return;
  const file = join(folder, path);
  if (key === null) rmSync(file);
  else {
    truncateSync(file, torn.start);
    const handle = openSync(file, "r+");
    fsyncSync(handle);
    closeSync(handle);
  }
  syncFolder(dirname(file));
}

function healedIn({ path, key, torn }: LogScan): readonly Healed[] {
  if (torn === null) return [];
  return [{ path, threadId: key?.id ?? null, line: torn.line, bytes: torn.bytes }];
}
