import type { InboxItem } from "../../engine/run-calls.ts";
import type { Action } from "../../model/action.ts";
import type { WireAction, WireInboxItem } from "../../protocol/action.ts";
import { timeToWire } from "./figures-to-wire.ts";

export function actionToWire(action: Action): WireAction {
  const { decision, requestedAt, dueAt, decidedAt } = action;
  return {
    id: action.id,
    kind: action.kind,
    status: action.status,
    call_id: action.callId ?? null,
    name: action.name,
    prompt: action.prompt ?? null,
    data: action.data ?? null,
    requested_at: timeToWire(requestedAt),
    due_at: dueAt === undefined ? null : timeToWire(dueAt),
    decision: decision?.type ?? null,
    reason: (decision?.type === "deny" ? decision.reason : undefined) ?? null,
    decided_by: action.decidedBy ?? null,
    decided_at: decidedAt === undefined ? null : timeToWire(decidedAt),
  };
}

export function inboxItemToWire(item: InboxItem): WireInboxItem {
  return {
    thread_id: item.threadId,
    thread_title: item.threadTitle,
    run_id: item.runId,
    agent_id: item.agentId,
    requested_by: item.requestedBy,
    action: actionToWire(item.action),
  };
}
