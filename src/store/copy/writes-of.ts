import { replay } from "../../model/apply.ts";
import type { Entry } from "../../model/entry.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { CommitItem, Earlier, KeptMessage, ThreadClaims, ThreadKey } from "../store.ts";

/** What there is of before the log of a thread that is brought. */
export interface Before {
  readonly kept: readonly KeptMessage[];
  readonly earlier?: Earlier;
}

/** One page of a log as what a store commits. A write ends where an operation ends, so that it carries its key.
 *  @param first  for a thread that is not there yet */
export function writesOf(
  key: ThreadKey,
  before: ThreadHead | null,
  entries: readonly Entry[],
  { givenIds, operations }: ThreadClaims,
  first: Before,
): { readonly items: readonly CommitItem[]; readonly after: ThreadHead | null } {
  const done = new Map(operations.map((operation) => [operation.toVersion, operation]));
  const given = Map.groupBy(givenIds, ({ version }) => version);
  const items: CommitItem[] = [];
  let head = before;
  for (const stretch of stretchesOf(entries, new Set(done.keys()))) {
    const base = head;
    const after = replay(stretch, base);
    if (after === null) break;
    const operation = done.get(after.version);
    const write = {
      key,
      base: base?.version ?? 0,
      entries: stretch,
      before: base,
      after,
      givenIds: stretch.flatMap(({ version }) => (given.get(version) ?? []).map(({ id }) => id)),
      ...(base === null && first),
      ...(operation && { operation }),
    };
    items.push({ writes: [write] });
    head = after;
  }
  return { items, after: head };
}

function stretchesOf(
  entries: readonly Entry[],
  ends: ReadonlySet<number>,
): readonly (readonly Entry[])[] {
  const stretches: Entry[][] = [];
  let isClosed = true;
  for (const entry of entries) {
    const isTrim = entry.op === "retention.trim";
    const last = stretches.at(-1);
    if (isClosed || isTrim || last === undefined) stretches.push([entry]);
    else last.push(entry);
    // What a thread brings of before its log comes with its first entry.
    isClosed = isTrim || entry.op === "thread.create" || ends.has(entry.version);
  }
  return stretches;
}
