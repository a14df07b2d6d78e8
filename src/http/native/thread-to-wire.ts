import type { ThreadStats } from "../../engine/engine.ts";
import { messagesOn } from "../../model/thread.ts";
import type { BranchHead, Thread } from "../../model/thread.ts";
import type { SearchHit } from "../../store/search.ts";
import type { WireSearchHit } from "../../protocol/answer.ts";
import type { WireBranch, WireThread, WireThreadStats } from "../../protocol/thread.ts";
import { costToWire, timeToWire, usageToWire } from "./figures-to-wire.ts";
import { runToWire } from "./run-to-wire.ts";

export function threadToWire(thread: Thread): WireThread {
  const { forkedFrom, environment } = thread;
  return {
    id: thread.id,
    title: thread.title,
    title_source: thread.titleSource,
    agent_id: thread.agentId,
    created_at: timeToWire(thread.createdAt),
    updated_at: timeToWire(thread.updatedAt),
    message_count: thread.messageCount,
    last_message: thread.lastMessage?.text ?? null,
    metadata: thread.metadata,
    status: thread.status,
    version: thread.version,
    user_id: thread.owner,
    kind: thread.kind,
    tags: thread.tags,
    members: thread.members,
    active_run_id: thread.activeRunId,
    messages_total: thread.messagesTotal,
    trimmed: thread.trimmed ?? null,
    usage: usageToWire(thread.usage),
    cost: costToWire(thread.cost),
    archived_at: thread.archivedAt === null ? null : timeToWire(thread.archivedAt),
    deleted_at: thread.deletedAt === null ? null : timeToWire(thread.deletedAt),
    forked_from:
      forkedFrom === undefined
        ? null
        : {
            thread_id: forkedFrom.threadId,
            version: forkedFrom.version,
            message_id: forkedFrom.messageId,
          },
    ...(environment !== undefined && { environment }),
    ...(thread.alias !== undefined && { alias: thread.alias }),
    ...(thread.expiresAt !== undefined && { expires_at: timeToWire(thread.expiresAt) }),
    ...(thread.slidingMs !== undefined && { sliding_ms: thread.slidingMs }),
    ...(thread.ephemeral && { ephemeral: true }),
    ...(thread.hold && { hold: thread.hold }),
  };
}

export function branchToWire(branch: BranchHead): WireBranch {
  return {
    name: branch.name,
    message_id: branch.messageId,
    message_count: messagesOn(branch),
    trimmed: branch.floor?.trimmed ?? 0,
    pending_calls: branch.pending,
    reason: branch.reason,
    of: branch.of ?? null,
    created_at: timeToWire(branch.createdAt),
  };
}

export function statsToWire(stats: ThreadStats): WireThreadStats {
  const counts: Record<string, number> = {};
  for (const [status, count] of Object.entries(stats.runsByStatus)) counts[status] = count;
  return {
    thread_id: stats.threadId,
    created_at: timeToWire(stats.createdAt),
    message_count: stats.messageCount,
    messages_total: stats.messagesTotal,
    run_count: stats.runCount,
    last_run: stats.lastRun === null ? null : runToWire(stats.lastRun),
    runs_by_status: counts,
    metadata: stats.metadata,
    usage: usageToWire(stats.usage),
    cost: costToWire(stats.cost),
  };
}

export function hitToWire(hit: SearchHit): WireSearchHit {
  return {
    thread_id: hit.threadId,
    thread_title: hit.threadTitle,
    message_id: hit.messageId,
    role: hit.role,
    at: timeToWire(hit.at),
    snippet: hit.snippet,
    highlights: hit.highlights,
    score: hit.score,
  };
}
