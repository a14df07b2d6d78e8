import { join } from "node:path";
import type { ThreadKey } from "../key.ts";
import { fileNameOf } from "./file-name.ts";

/** What is in the folder of a store. Everything but `index` is the truth; `index` can be made again from it. */
export const LAYOUT = {
  /** Which store it is. */
  identity: "skein.json",
  /** What was written last, until the logs are known to be on the disk. */
  journal: "journal",
  /** Locked for as long as a process has the store open. */
  lock: "lock",
  /** `threads/<tenant>/<thread>.jsonl` */
  threads: "threads",
  /** `blobs/<tenant>/<sha256>`, and what kind of content it is in `<sha256>.json`. */
  blobs: "blobs",
  /** `uploads/<tenant>/<sha256>.json`: who uploaded a blob within the last 24 h. */
  uploads: "uploads",
  /** `kept/<tenant>/<thread>.jsonl`: the path of a purged log that has something left for the forks of its thread. */
  kept: "kept",
  index: "index",
} as const;

export const LOG_ENDING = ".jsonl";

/** A file that was not renamed into its place yet. */
export const DRAFT_ENDING = ".draft";

/** Path of a thread's log, relative to the store's folder. */
export function logPathOf({ tenant, id }: ThreadKey): string {
  return join(LAYOUT.threads, fileNameOf(tenant), `${fileNameOf(id)}${LOG_ENDING}`);
}
