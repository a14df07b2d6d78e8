import { setImmediate as nextTurn } from "node:timers/promises";
import { apply } from "../model/apply.ts";
import { SkeinError } from "../model/error.ts";
import { oldestVersion } from "../model/thread.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Core } from "./core.ts";
import { PAGE_BYTES } from "./page-bytes.ts";

const ENTRIES_AT_A_TIME = 1_000;

/** The head as it was at a version: the fold of the log stopped there. Costs O(version). */
export async function headAt(
  core: Core,
  key: ThreadKey,
  now: ThreadHead,
  version: number,
  field = "at",
): Promise<ThreadHead> {
  if (version === now.version) return now;
  if (!Number.isInteger(version) || version < 1 || version > now.version)
    throw new SkeinError(
      "version_not_found",
      `Thread ${key.id} has versions 1 to ${now.version}, not ${version}.`,
      {
        field,
        details: { newest: now.version },
      },
    );
  requireVersion(now, version, field);
  let head: ThreadHead | null = null;
  for (let after = 0; after < version;) {
    const entries = await core.store.listEntries(
      key,
      after,
      // After a trim the log begins later.
      Math.min(ENTRIES_AT_A_TIME, version - Math.max(after, oldestVersion(now) - 1)),
      PAGE_BYTES,
    );
    const last = entries.at(-1);
    if (last === undefined) break;
    for (const entry of entries) head = apply(head, entry);
    after = last.version;
    // A long log leaves others their turn.
    await nextTurn();
  }
  if (head?.version !== version)
    throw new SkeinError(
      "store_corrupt",
      `The log of thread ${key.id} ends before version ${version}.`,
    );
  return head;
}

/** Refuses a version that a trim has let go of. */
export function requireVersion(now: ThreadHead, version: number, field: string): void {
  const oldest = oldestVersion(now);
  if (version < oldest)
    throw new SkeinError(
      "trimmed",
      `Thread ${now.profile.id} was trimmed; its versions begin at ${oldest}.`,
      { field, details: { oldest } },
    );
}
