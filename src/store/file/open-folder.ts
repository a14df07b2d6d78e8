import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import type { Store, StoreInfo } from "../store.ts";
import type { Blobs } from "./blobs.ts";
import { fileErrorOf } from "./file-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { FORMAT, loadStoreId } from "./identity.ts";
import { stampIndex } from "./index-store.ts";
import { LAYOUT } from "./layout.ts";
import { fingerprintOf, listLogs } from "./list-logs.ts";
import { LogWriter } from "./log-writer.ts";
import { recover } from "./recover.ts";
import type { Healed, Recovered } from "./recover.ts";

/** A folder that this process has locked and brought in order. */
export interface OpenFolder {
  readonly info: StoreInfo;
  readonly index: Store;
  readonly writer: LogWriter;
  readonly blobs: Blobs;
  readonly healed: readonly Healed[];
  putBlob(who: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void>;
  /** Waits for what is under way, then releases everything. */
  close(): Promise<void>;
}

/** @param options  `anew` makes the index from the logs, whatever there is */
export async function openFolder(
  folder: string,
  { threads, anew }: { readonly threads: boolean; readonly anew: boolean },
): Promise<OpenFolder> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    try {
      const storeId = await loadStoreId(folder);
      if (anew) rmSync(join(folder, LAYOUT.index), { recursive: true, force: true });
      return openedFolder(folder, storeId, await recover(folder, storeId, threads), unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (error) {
    throw fileErrorOf(error, folder);
  }
}

function openedFolder(
  folder: string,
  storeId: string,
  { index, info, journal, blobs, eraser, newestCommit, healed }: Recovered,
  unlock: () => void,
): OpenFolder {
  const writer = new LogWriter(folder, index, journal, eraser, newestCommit);
  return {
    info: { storeId, epoch: info.epoch, schemaVersion: FORMAT },
    index,
    writer,
    blobs,
    healed,
    putBlob: (who, blob, bytes) =>
      writer.exclusively(async () => {
        try {
          await blobs.put(who, blob, bytes, Date.now());
        } catch (error) {
          throw fileErrorOf(error, folder);
        }
      }),
    close: async () => {
      try {
        // What cannot be synced now is in the journal.
        await writer.exclusively(() => writer.settle());
      } finally {
        try {
          await index.close();
          if (!writer.isBroken) {
            const fingerprint = fingerprintOf(listLogs(folder), writer.newestCommit);
            // Without it, as on a full disk, the next one to open makes the index anew.
            await stampIndex(folder, storeId, info.storeId, fingerprint).catch(() => undefined);
          }
        } finally {
          journal.close();
          unlock();
        }
      }
    },
  };
}
