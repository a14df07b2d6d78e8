import type { RunStreamEvent } from "../../agents/skein.ts";
import type { Run, Step } from "../../model/run.ts";
import type { WireDelta, WireRun, WireRunEvent, WireStep } from "../../protocol/run.ts";
import { actionToWire } from "./action-to-wire.ts";
import { costToWire, timeToWire, usageToWire } from "./figures-to-wire.ts";
import { messageToWire } from "./message-to-wire.ts";

export function runToWire(run: Run): WireRun {
  return {
    id: run.id,
    thread_id: run.threadId,
    agent_id: run.agentId,
    branch: run.branch,
    status: run.status,
    multitask_strategy: run.strategy,
    model: run.model ?? null,
    instructions: run.instructions ?? null,
    metadata: run.metadata ?? {},
    requested_by: run.requestedBy,
    input_ids: run.inputIds,
    turn_id: run.turnId,
    created_at: timeToWire(run.createdAt),
    started_at: run.startedAt === undefined ? null : timeToWire(run.startedAt),
    ended_at: run.endedAt === undefined ? null : timeToWire(run.endedAt),
    error: run.error ?? null,
    usage: usageToWire(run.usage),
    cost: costToWire(run.cost),
    last_message_id: run.lastMessageId ?? null,
    attempts: run.attempts ?? 0,
    segment: run.segment ?? 0,
    actions: (run.actions ?? []).map(actionToWire),
    events_waiting: run.signals?.length ?? 0,
    custom_status: run.customStatus ?? null,
    expires_at: run.expiresAt === undefined ? null : timeToWire(run.expiresAt),
    parent: run.parent ? { thread_id: run.parent.threadId, run_id: run.parent.runId } : null,
    called: run.called
      ? { usage: usageToWire(run.called.usage), cost: costToWire(run.called.cost) }
      : null,
  };
}

export function stepToWire(step: Step): WireStep {
  return {
    id: step.id,
    run_id: step.runId,
    key: step.key,
    kind: step.kind,
    name: step.name,
    agent_id: step.agentId,
    attempt: step.attempt,
    fence: step.fence,
    worker: step.worker ?? null,
    status: step.status,
    segment: step.segment ?? 0,
    input: {
      message_id: step.input?.messageId ?? null,
      call_id: step.input?.callId ?? null,
    },
    output: step.output ?? null,
    called: step.called ? { thread_id: step.called.threadId, run_id: step.called.runId } : null,
    message_id: step.messageId ?? null,
    started_at: timeToWire(step.startedAt),
    ended_at: step.endedAt === undefined ? null : timeToWire(step.endedAt),
    usage: step.usage === undefined ? null : usageToWire(step.usage),
    error: step.error ?? null,
  };
}

type RunDelta = Extract<RunStreamEvent, { readonly type: "delta" }>;

function deltaToWire(runId: string, delta: RunDelta): WireDelta {
  const { callId, name } = delta;
  return {
    message_id: delta.messageId,
    run_id: runId,
    attempt: delta.attempt,
    part: delta.part,
    kind: delta.kind === "tool-input" ? "tool_input" : delta.kind,
    ...(callId !== undefined && { call_id: callId }),
    ...(name !== undefined && { name }),
    offset: delta.offset,
    text: delta.text,
  };
}

export function runEventToWire(runId: string, event: RunStreamEvent): WireRunEvent {
  switch (event.type) {
    case "run":
    case "end":
      return { type: event.type, run: runToWire(event.run) };
    case "attempt-reset":
      return { type: "attempt-reset", message_id: event.messageId, attempt: event.attempt };
    case "delta":
      return { type: "delta", ...deltaToWire(runId, event) };
    case "message":
      return { type: "message", message: messageToWire(event.message) };
  }
}
