import type { ContextReport } from "../../agents/context/context-report.ts";
import type { MadeSummary, ThreadSummary } from "../../agents/context/thread-summary.ts";
import { textOf } from "../../model/part.ts";
import type { WireContext, WireMadeSummary, WireSummary } from "../../protocol/context.ts";
import { costToWire, timeToWire, usageToWire } from "./figures-to-wire.ts";
import { partsToWire } from "./message-to-wire.ts";

export function contextToWire(report: ContextReport): WireContext {
  const { summary } = report;
  return {
    thread_id: report.threadId,
    agent_id: report.agentId,
    model: report.model,
    branch: report.branch,
    version: report.version,
    system: report.system,
    messages: report.messages.map(({ message: { id, role, parts }, tokens }) => ({
      id,
      role,
      content: textOf(parts),
      parts: partsToWire(parts),
      tokens,
    })),
    tokens: report.tokens,
    tokenizer: report.tokenizer,
    token_budget: report.tokenBudget,
    last_messages: report.lastMessages,
    summary: summary && {
      thread_id: summary.threadId,
      version: summary.version,
      messages: summary.messages,
      message_id: summary.messageId,
      depth: summary.depth,
      model: summary.model,
    },
    left_out: report.leftOut.map(({ reason, messages, firstMessageId, lastMessageId }) => ({
      reason,
      messages,
      ...(firstMessageId !== undefined && { first_message_id: firstMessageId }),
      ...(lastMessageId !== undefined && { last_message_id: lastMessageId }),
    })),
    elided: report.elided.map(({ messageId, callId, characters }) => ({
      message_id: messageId,
      call_id: callId,
      characters,
    })),
  };
}

export function summaryToWire(summary: ThreadSummary): WireSummary {
  const { covers, writtenIn } = summary;
  return {
    thread_id: summary.threadId,
    text: summary.text,
    topics: summary.topics,
    decisions: summary.decisions,
    action_items: summary.actionItems,
    outcomes: summary.outcomes,
    is_structured: summary.isStructured,
    style: summary.style,
    model: summary.model,
    written_in: { thread_id: writtenIn.threadId, version: writtenIn.version },
    summarized_at: timeToWire(summary.summarizedAt),
    covers: {
      branch: covers.branch,
      messages: covers.messages,
      message_id: covers.messageId,
      depth: covers.depth,
    },
    source: summary.source,
    is_stale: summary.isStale,
    new_messages: summary.newMessages,
  };
}

export function madeSummaryToWire(
  made: MadeSummary,
  summaryThreadId: string | null,
): WireMadeSummary {
  return {
    ...summaryToWire(made),
    calls: made.calls,
    usage: usageToWire(made.usage),
    cost: costToWire(made.cost),
    summary_thread_id: summaryThreadId,
  };
}
