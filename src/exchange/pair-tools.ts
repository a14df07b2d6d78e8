import { answeredIdsOf, callIdsOf } from "../model/part.ts";
import type { Part } from "../model/part.ts";
import type { SourceMessage } from "./conversation.ts";

/** Messages of a tree in which every call has its answer before the conversation goes on, as a thread must have it: a call that
 *  nobody answered is closed, and a result that answers nothing is only told. Wants parents before children. */
export function pairTools(messages: readonly SourceMessage[]): readonly SourceMessage[] {
  const open = new Map<string | null, readonly string[]>();
  const closings = new Map<string, string>();
  const paired: SourceMessage[] = [];
  for (const message of messages) {
    let { parentId } = message;
    let waiting = open.get(parentId) ?? [];
    const made = matched(message, waiting);
    if (parentId !== null && waiting.length > 0 && made.role !== "tool") {
      let closing = closings.get(parentId);
      if (closing === undefined) {
        closing = `${parentId}#closed`;
        closings.set(parentId, closing);
        paired.push(closingOf(closing, parentId, waiting, message.createdAt));
      }
      parentId = closing;
      waiting = [];
    }
    paired.push({ ...made, parentId });
    const answered = new Set(answeredIdsOf(made.parts));
    open.set(
      made.id,
      [...waiting, ...callIdsOf(made.parts)].filter((callId) => !answered.has(callId)),
    );
  }
  return paired;
}

function matched(message: SourceMessage, waiting: readonly string[]): SourceMessage {
  const { role } = message;
  const free = new Set(role === "tool" ? waiting : []);
  const called = new Set<string>();
  const parts = message.parts.map((part): Part => {
    if (part.type === "tool-call") {
      if (role !== "assistant" || called.has(part.callId)) return told(part);
      called.add(part.callId);
      if (part.executor !== "provider") free.add(part.callId);
      return part;
    }
    return part.type !== "tool-result" || free.delete(part.callId) ? part : told(part);
  });
  const isAnswer = parts.some((part) => part.type === "tool-result");
  return { ...message, role: role === "tool" && !isAnswer ? "assistant" : role, parts };
}

function told(part: Part): Part {
  return { type: "opaque", format: "unpaired", value: JSON.parse(JSON.stringify(part)) };
}

function closingOf(
  id: string,
  parentId: string,
  calls: readonly string[],
  createdAt: number | undefined,
): SourceMessage {
  return {
    id,
    parentId,
    role: "tool",
    ...(createdAt !== undefined && { createdAt }),
    parts: calls.map((callId) => ({
      type: "tool-result",
      callId,
      name: "",
      outcome: "cancelled",
      output: { type: "error", text: "No result was given before the conversation went on." },
    })),
  };
}
