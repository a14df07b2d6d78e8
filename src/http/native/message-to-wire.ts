import type { Message } from "../../model/message.ts";
import { textOf } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import type { WireMessage } from "../../protocol/message.ts";
import type { WirePart } from "../../protocol/part.ts";
import { costToWire, timeToWire, usageToWire } from "./figures-to-wire.ts";
import { toSnakeCase } from "./snake-case.ts";

export function messageToWire(message: Message): WireMessage {
  const { stepId, composedAt, editOf } = message;
  return {
    id: message.id,
    thread_id: message.threadId,
    parent_id: message.parentId,
    turn_id: message.turnId,
    role: message.role,
    author: message.author ?? null,
    status: message.status,
    reason: message.reason ?? null,
    content: textOf(message.parts),
    parts: partsToWire(message.parts),
    run_id: message.runId ?? null,
    ...(stepId !== undefined && { step_id: stepId }),
    model: message.model ?? null,
    usage: message.usage === undefined ? null : usageToWire(message.usage),
    cost: message.cost === undefined ? null : costToWire(message.cost),
    metadata: message.metadata ?? {},
    depth: message.depth,
    version: message.version,
    created_at: timeToWire(message.createdAt),
    ...(composedAt !== undefined && { composed_at: timeToWire(composedAt) }),
    ...(editOf !== undefined && { edit_of: editOf }),
    redacted: message.redacted === true,
  };
}

export function partsToWire(parts: readonly Part[]): readonly WirePart[] {
  return parts.map((part) =>
    // The usual part, spelled alike on both sides.
    part.type === "text" && Object.keys(part).length === 2
      ? { type: "text", text: part.text }
      : (toSnakeCase(part) as unknown as WirePart),
  );
}
