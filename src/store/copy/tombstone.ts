import { apply } from "../../model/apply.ts";
import { ENTRY_SCHEMA } from "../../model/entry.ts";
import type { Entry, EntryOf } from "../../model/entry.ts";
import { EMPTY_ACTIVITY } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { CommitItem, KeptMessage, ThreadKey, ThreadWrite } from "../store.ts";

/** Brings a purged thread as one that was deleted and has only what forks have of it, so that they can follow. Its purge
 *  comes after them. */
export function beforePurge(
  key: ThreadKey,
  tombstone: ThreadHead,
  kept: readonly KeptMessage[],
): ThreadWrite {
  const { profile } = tombstone;
  const last = kept.at(-1)?.message.version ?? 0;
  // A message may have been the last one; then the tombstone stands one version higher than it did.
  const version = Math.max(tombstone.version - 1, last + 1);
  const snapshot = {
    profile: { ...profile, purgedAt: null, trim: { version, floors: [] } },
    activity: { ...EMPTY_ACTIVITY, updatedAt: profile.createdAt },
    branches: {},
  };
  const entry: EntryOf<"retention.trim"> = {
    ...commonOf(tombstone, version),
    op: "retention.trim",
    data: { policy: { keepLast: 1 }, trimmed: {}, snapshot },
  };
  const after = apply(null, entry);
  return { key, base: 0, entries: [entry], before: null, after, givenIds: [], kept };
}

const FILLERS_AT_ONCE = 500;

/** Purges the thread in the target. What it said since it was copied went with the purge, and its versions are filled. */
export function* purgeOf(
  key: ThreadKey,
  before: ThreadHead,
  tombstone: ThreadHead,
): Generator<CommitItem> {
  const end = Math.max(tombstone.version, before.version + 1);
  let head = before;
  while (head.version < end) {
    const base = head;
    const entries: Entry[] = [];
    while (head.version < end && entries.length < FILLERS_AT_ONCE) {
      const common = commonOf(tombstone, head.version + 1);
      const entry: Entry =
        head.version + 1 === end
          ? { ...common, op: "thread.purge", data: {} }
          : { ...common, op: "custom", data: { name: "removed" } };
      entries.push(entry);
      head = apply(head, entry);
    }
    const write = { key, base: base.version, entries, before: base, after: head, givenIds: [] };
    yield { writes: [write] };
  }
}

function commonOf(
  { profile }: ThreadHead,
  version: number,
): Omit<EntryOf<"custom">, "op" | "data"> {
  const { id: threadId, purgedAt, createdAt } = profile;
  const opId = `purge:${threadId}`;
  const at = purgedAt ?? createdAt;
  return { threadId, version, actor: "system", at, opId, schema: ENTRY_SCHEMA };
}
