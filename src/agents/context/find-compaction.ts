import type { Compaction, CompactionPurpose, CompactionRef } from "../../model/compaction.ts";
import type { EntryOf } from "../../model/entry.ts";
import { isSkeinError } from "../../model/error.ts";
import type { Need } from "../../model/facts.ts";
import { own } from "../../model/own.ts";
import type { BranchHead, ThreadProfile } from "../../model/thread.ts";
import type { ThreadKey } from "../../store/key.ts";
import type { Store } from "../../store/store.ts";

export type Path = Pick<BranchHead, "segment" | "position" | "floor" | "count">;

export interface FoundCompaction {
  readonly ref: CompactionRef;
  readonly compaction: Compaction;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface CompactionQuery {
  readonly purpose: CompactionPurpose;
  /** Default: any. */
  readonly style?: string | undefined;
  /** Also what covers a part of what it was to cover. Default true. */
  readonly isPartial?: boolean;
}

type Reads = Pick<Store, "loadFacts" | "listEntries">;

/** The compaction that covers the most of a path; `undefined` when there is none. Costs no read where the thread has none,
 *  else two. */
export async function findCompaction(
  store: Reads,
  { tenant, id, context }: Pick<ThreadProfile, "tenant" | "id" | "context">,
  path: Path,
  { purpose, style, isPartial = true }: CompactionQuery,
): Promise<FoundCompaction | undefined> {
  const refs = (context?.compactions ?? []).filter(
    (ref) =>
      ref.purpose === purpose &&
      (style === undefined || ref.style === style) &&
      (isPartial || ref.isPartial !== true) &&
      ref.depth < path.count &&
      ref.depth >= (path.floor?.depth ?? 0),
  );
  if (refs.length === 0) return undefined;
  const needs = refs.map(({ messageId }): Need => ({ kind: "message", id: messageId, on: path }));
  const { messages } = await store.loadFacts({ tenant, id }, needs);
  const onPath = refs.filter(({ messageId, depth }) => {
    const fact = own(messages, messageId);
    return fact?.isOnPath === true && fact.place?.depth === depth;
  });
  for (const ref of onPath.toSorted((a, b) => b.depth - a.depth)) {
    const entry = await loadCompactionEntry(store, { tenant, id: ref.threadId }, ref.version);
    if (entry !== undefined) return { ref, compaction: entry.data, at: entry.at };
  }
  return undefined;
}

/** `undefined` when its log was trimmed or purged: then it is made anew. */
export async function loadCompactionEntry(
  store: Pick<Store, "listEntries">,
  key: ThreadKey,
  version: number,
): Promise<EntryOf<"context.compact"> | undefined> {
  try {
    const [entry] = await store.listEntries(key, version - 1, 1);
    return entry?.op === "context.compact" && entry.version === version ? entry : undefined;
  } catch (error) {
    if (isSkeinError(error, "trimmed") || isSkeinError(error, "thread_not_found")) return undefined;
    throw error;
  }
}
