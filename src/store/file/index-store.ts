import { rmSync } from "node:fs";
import { join } from "node:path";
import { isSkeinError } from "../../model/error.ts";
import { sqliteStore } from "../sqlite/sqlite-store.ts";
import type { Store, StoreInfo } from "../store.ts";
import { makeFolder, readIfThere, replaceFile } from "./durable-file.ts";
import { LAYOUT } from "./layout.ts";
import type { Fingerprint } from "./list-logs.ts";

/** The SQLite store that reads, lists and searches go to. It has nothing that the files do not have, but text of
 *  unfinished runs and leases. */
export interface Index {
  readonly store: Store;
  readonly info: StoreInfo;
  /** How the logs looked when it had them all; `null` when it has to be made from them. */
  readonly fingerprint: Fingerprint | null;
}

interface Stamp {
  /** The file store that it is of. */
  readonly storeId: string;
  readonly indexId: string;
  readonly fingerprint: Fingerprint;
}

/** Opens the index of a store, or an empty one where it is missing, damaged or another store's. */
export async function openIndex(folder: string, storeId: string, threads: boolean): Promise<Index> {
  const stamp = loadStamp(folder);
  if (stamp?.storeId === storeId) {
    const opened = await tryOpen(folder, threads);
    if (opened?.info.storeId === stamp.indexId)
      return { ...opened, fingerprint: stamp.fingerprint };
    await opened?.store.close();
  }
  return openEmptyIndex(folder, threads);
}

export async function openEmptyIndex(folder: string, threads: boolean): Promise<Index> {
  rmSync(join(folder, LAYOUT.index), { recursive: true, force: true });
  makeFolder(join(folder, LAYOUT.index));
  const store = storeIn(folder, threads);
  return { store, info: await store.open(), fingerprint: null };
}

/** Notes that the index has what is in the logs. */
export async function stampIndex(
  folder: string,
  storeId: string,
  indexId: string,
  fingerprint: Fingerprint,
): Promise<void> {
  const stamp: Stamp = { storeId, indexId, fingerprint };
  await replaceFile(stampPath(folder), JSON.stringify(stamp));
}

async function tryOpen(
  folder: string,
  threads: boolean,
): Promise<Omit<Index, "fingerprint"> | undefined> {
  const store = storeIn(folder, threads);
  try {
    return { store, info: await store.open() };
  } catch (error) {
    await store.close();
    // What SQLite cannot read is made again; a full disk would only be fuller.
    if (isSkeinError(error, "store_full") || isSkeinError(error, "store_busy")) throw error;
    return undefined;
  }
}

function storeIn(folder: string, threads: boolean): Store {
  const path = join(folder, LAYOUT.index, "skein.db");
  // The logs are on the disk before the index learns of them, so it need not be.
  return sqliteStore({ path, threads, synchronous: "NORMAL" });
}

function loadStamp(folder: string): Stamp | undefined {
  try {
    const stamp: Stamp = JSON.parse(readIfThere(stampPath(folder)) ?? "null") ?? undefined;
    return stamp;
  } catch {
    return undefined;
  }
}

function stampPath(folder: string): string {
  return join(folder, LAYOUT.index, "logs.json");
}
