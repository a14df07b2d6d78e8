import type { Entry } from "../../model/entry.ts";
import { mergePatch } from "../../model/apply.ts";
import type { Message, MessageBody, Place } from "../../model/message.ts";
import type { StoredMessage } from "./memory-data.ts";

/** The id of the message that an entry adds or changes. */
export function messageIdOf(entry: Entry): string | undefined {
  switch (entry.op) {
    case "message.append":
    case "message.open":
    case "message.enqueue":
      return entry.data.message.id;
    case "message.commit":
    case "message.dequeue":
    case "message.annotate":
    case "message.redact":
      return entry.data.messageId;
    default:
      return undefined;
  }
}

/** The message after `entry`; `undefined` when there is none, or none any more. */
export function foldMessage(
  stored: StoredMessage | undefined,
  entry: Entry,
): StoredMessage | undefined {
  switch (entry.op) {
    case "message.append":
    case "message.open":
      return placed(entry.data.message, entry.data.place, entry);
    case "message.enqueue":
      return placed(entry.data.message, null, entry);
    case "message.dequeue":
      return dequeued(stored, entry.data.place, entry.version);
    case "message.commit":
      return stored && committed(stored, entry.data);
    case "message.annotate":
      return stored && annotated(stored, entry.data.values);
    case "message.redact":
      return (
        stored && { ...stored, message: { ...withoutPayload(stored.message), redacted: true } }
      );
    default:
      return stored;
  }
}

/** Erases what was said, and keeps that it was said. */
export function withoutPayload<T extends MessageBody>(message: T): Omit<T, "metadata"> {
  const { metadata: _metadata, ...kept } = message;
  return { ...kept, parts: [] };
}

function placed(body: MessageBody, place: Place | null, entry: Entry): StoredMessage {
  return {
    place,
    message: {
      ...body,
      threadId: entry.threadId,
      parentId: place?.parentId ?? null,
      turnId: place?.turnId ?? body.id,
      depth: place?.depth ?? null,
      version: entry.version,
      createdAt: entry.at,
    },
  };
}

function dequeued(
  stored: StoredMessage | undefined,
  place: Place | undefined,
  version: number,
): StoredMessage | undefined {
  if (stored === undefined || place === undefined) return undefined;
  const { parentId, turnId, depth } = place;
  const message: Message = {
    ...stored.message,
    status: "completed",
    parentId,
    turnId,
    depth,
    version,
  };
  return { place, message };
}

function committed(
  { message, place }: StoredMessage,
  data: Extract<Entry, { op: "message.commit" }>["data"],
): StoredMessage {
  const { messageId: _id, branch: _branch, pending, parts, ...final } = data;
  return {
    message: { ...message, ...final, parts: message.redacted === true ? [] : parts },
    place: place && { ...place, pending },
  };
}

function annotated(stored: StoredMessage, values: NonNullable<Message["metadata"]>): StoredMessage {
  const { message } = stored;
  if (message.redacted === true) return stored;
  return {
    ...stored,
    message: { ...message, metadata: mergePatch(message.metadata ?? {}, values) },
  };
}
