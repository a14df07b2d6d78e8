import { fileReference } from "../../model/file-change.ts";
import { OP_CODES } from "./codes.ts";
import { listOf } from "./list-of.ts";
import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { StoredEntry } from "./stored-entries.ts";
import { dropBlobReferences } from "./write-blobs.ts";

const AT_ONCE = 256;

const FILE_OPS: readonly number[] = [OP_CODES["file.change"], OP_CODES["file.rollback"]];

/** Removes rows of a thread but those that are kept, and the content of the ones that are. Answers the ids of the messages
 *  that are gone. What was left out of a row because of the row before it is written where that one goes.
 *  @param entries  all of the thread */
export function* removeEntries(
  tenant: string,
  tid: number,
  entries: readonly StoredEntry[],
  isKept: (entry: StoredEntry) => boolean,
): Plan<readonly string[]> {
  const kept = new Set<number>();
  for (const entry of entries) {
    if (!isKept(entry)) continue;
    kept.add(entry.version);
    if (entry.body !== null) kept.add(entry.body);
  }
  yield* nameParents(tid, entries, kept);
  for (const [first, last] of gapsOf(entries, kept))
    yield* change(
      "DELETE FROM skein_entry WHERE tid = ? AND version >= ? AND version <= ?",
      tid,
      first,
      last,
    );
  const messages = entries.filter(({ role }) => role !== null);
  const left = new Set(
    messages.filter((it) => kept.has(it.version)).map(({ messageId }) => messageId),
  );
  const gone = new Set(
    messages.flatMap(({ messageId }) =>
      messageId === null || left.has(messageId) ? [] : [messageId],
    ),
  );
  const ids = [...gone];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = listOf(ids.slice(at, at + AT_ONCE));
    yield* change(
      `DELETE FROM skein_chunk WHERE tid = ? AND mid IN ${some.sql}`,
      tid,
      ...some.parameters,
    );
  }
  const records = entries.filter(({ op, version }) => FILE_OPS.includes(op) && !kept.has(version));
  const references = records.map(({ version }) => fileReference(version));
  yield* dropBlobReferences(tenant, tid, [...ids, ...references]);
  return ids;
}

function* nameParents(
  tid: number,
  entries: readonly StoredEntry[],
  kept: ReadonlySet<number>,
): Plan<void> {
  const removed = new Map<string, string | null>();
  for (const { segment, position, version, messageId } of entries)
    if (position !== null && !kept.has(version)) removed.set(`${segment}:${position}`, messageId);
  for (const { segment, position, version, parentId } of entries) {
    if (position === null || parentId !== null || !kept.has(version)) continue;
    const before = removed.get(`${segment}:${position - 1}`);
    if (before !== undefined)
      yield* change(
        "UPDATE skein_entry SET parent_id = ? WHERE tid = ? AND version = ?",
        before,
        tid,
        version,
      );
  }
}

/** First and last versions of what lies between rows that are kept. */
function gapsOf(
  entries: readonly StoredEntry[],
  kept: ReadonlySet<number>,
): readonly (readonly [number, number])[] {
  const gaps: [number, number][] = [];
  let isOpen = false;
  for (const { version } of entries) {
    const gap = gaps.at(-1);
    if (kept.has(version)) isOpen = false;
    else if (isOpen && gap !== undefined) gap[1] = version;
    else {
      gaps.push([version, version]);
      isOpen = true;
    }
  }
  return gaps;
}
