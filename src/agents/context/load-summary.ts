import type { CallOptions } from "../../engine/call.ts";
import type { Engine } from "../../engine/engine.ts";
import { branchOf } from "../../engine/messages.ts";
import { MAIN } from "../../model/thread.ts";
import { findCompaction, loadCompactionEntry } from "./find-compaction.ts";
import type { FoundCompaction } from "./find-compaction.ts";
import { NO_POINTS, pointsIn } from "./summary-points.ts";
import { SUMMARY_STYLES } from "./thread-summary.ts";
import type { SummaryStyle, ThreadSummary } from "./thread-summary.ts";

export interface SummaryQuery {
  readonly branch?: string;
  readonly style?: SummaryStyle;
}

/** The summary that covers the most of a branch; of one that it has left, the newest. */
export async function loadSummary(
  engine: Pick<Engine, "loadHead" | "store">,
  threadId: string,
  { branch: name = MAIN, style }: SummaryQuery = {},
  options?: CallOptions,
): Promise<ThreadSummary | null> {
  const head = await engine.loadHead(threadId, options);
  const branch = branchOf(head, name);
  const { profile } = head;
  const query = { purpose: "summary", style, isPartial: false } as const;
  const found = await findCompaction(engine.store, profile, branch, query);
  if (found !== undefined) return summaryOf(threadId, found, branch.count - 1 - found.ref.depth);
  const ref = profile.context?.compactions?.find(
    (each) =>
      each.purpose === "summary" &&
      each.isPartial !== true &&
      (style === undefined || each.style === style),
  );
  if (ref === undefined) return null;
  const key = { tenant: profile.tenant, id: ref.threadId };
  const entry = await loadCompactionEntry(engine.store, key, ref.version);
  if (entry === undefined) return null;
  return summaryOf(threadId, { ref, compaction: entry.data, at: entry.at }, null);
}

function summaryOf(
  threadId: string,
  { ref, compaction, at }: FoundCompaction,
  newMessages: number | null,
): ThreadSummary {
  return {
    threadId,
    text: compaction.text,
    ...(compaction.data === undefined ? NO_POINTS : pointsIn(compaction.data)),
    style: SUMMARY_STYLES.find((style) => style === compaction.style) ?? "standard",
    isStructured: compaction.data !== undefined,
    model: compaction.model,
    writtenIn: { threadId: ref.threadId, version: ref.version },
    summarizedAt: at,
    covers: {
      branch: compaction.branch,
      messages: compaction.messages,
      messageId: compaction.messageId,
      depth: compaction.depth,
    },
    source: compaction.source,
    isStale: newMessages !== 0,
    newMessages,
  };
}
