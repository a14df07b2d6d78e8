import type { MessageBody } from "./message.ts";
import { callIdsOf } from "./part.ts";
import type { Part, ToolCallPart } from "./part.ts";

const NO_RESULT = "This call was interrupted. It is not known whether it was carried out.";

/** The messages with exactly one result for every call, and no result without a call before it. */
export function paired(messages: readonly MessageBody[]): readonly MessageBody[] {
  const answered = answeredCalls(messages);
  const open = new Set<string>();
  const whole: MessageBody[] = [];
  for (const message of messages) {
    const parts = message.parts.filter((part) => {
      if (part.type === "tool-call") open.add(part.callId);
      return part.type !== "tool-result" || open.delete(part.callId);
    });
    if (parts.length === 0 && message.parts.length > 0) continue;
    if (parts.length === 0 && message.role === "tool") continue;
    whole.push(parts.length === message.parts.length ? message : { ...message, parts });
    const dangling = callsOf(parts).filter((call) => !answered.has(call));
    if (dangling.length === 0) continue;
    for (const { callId } of dangling) open.delete(callId);
    whole.push(closing(message, dangling));
  }
  return whole;
}

/** The calls that have a result somewhere behind them. Ids may come again, so each result answers the nearest call before it. */
function answeredCalls(messages: readonly MessageBody[]): ReadonlySet<ToolCallPart> {
  const answered = new Set<ToolCallPart>();
  const open = new Map<string, ToolCallPart>();
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type === "tool-call") open.set(part.callId, part);
      if (part.type !== "tool-result") continue;
      const call = open.get(part.callId);
      if (call !== undefined) answered.add(call);
      open.delete(part.callId);
    }
  return answered;
}

function callsOf(parts: readonly Part[]): readonly ToolCallPart[] {
  return parts.filter(
    (part): part is ToolCallPart => part.type === "tool-call" && part.executor !== "provider",
  );
}

function closing(message: MessageBody, calls: readonly ToolCallPart[]): MessageBody {
  return {
    id: `${message.id}:closed`,
    role: "tool",
    status: "completed",
    parts: calls.map(({ callId, name }) => ({
      type: "tool-result",
      callId,
      name,
      outcome: "unknown",
      output: { type: "error", text: NO_RESULT },
    })),
  };
}

/** Cuts the messages where no call is open. */
export function groupsOf<T extends Pick<MessageBody, "parts">>(
  messages: readonly T[],
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  const open = new Set<string>();
  for (const message of messages) {
    const group = groups.at(-1);
    if (open.size === 0 || group === undefined) groups.push([message]);
    else group.push(message);
    for (const callId of callIdsOf(message.parts)) open.add(callId);
    for (const part of message.parts) if (part.type === "tool-result") open.delete(part.callId);
  }
  return groups;
}
