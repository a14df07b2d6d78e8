import type { RelatedThreads, ThreadRelationships } from "../../engine/relations/relation-calls.ts";
import type { WireRelatedThreads, WireRelationships } from "../../protocol/relation.ts";
import { threadToWire } from "./thread-to-wire.ts";

export function relatedToWire({ threads, edges, isComplete }: RelatedThreads): WireRelatedThreads {
  return { threads: threads.map(threadToWire), edges, is_complete: isComplete };
}

export function relationshipsToWire({
  thread,
  parent,
  summaries,
  children,
}: ThreadRelationships): WireRelationships {
  return {
    thread: threadToWire(thread),
    parent: parent && threadToWire(parent),
    summaries: summaries.map(threadToWire),
    children: children.map(threadToWire),
  };
}
