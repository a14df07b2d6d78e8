import type { Entry } from "../../model/entry.ts";
import { blobsOfRecord, fileReference } from "../../model/file-change.ts";
import type { MessageBody, Place, Role } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import { preview } from "../../model/title.ts";
import { encodeEntry } from "./encode-entry.ts";
import { nameOf } from "./names.ts";

const ROLE_LETTERS: Readonly<Record<Role, string>> = {
  system: "s",
  developer: "d",
  user: "u",
  assistant: "a",
  tool: "t",
};

export function letterOf(role: Role): string {
  return ROLE_LETTERS[role];
}

/** What an entry does to messages, as the script's verbs.
 *  @param roleOf  of a message that is open before the entry */
export function messageArguments(
  entry: Entry,
  givenIds: readonly string[],
  roleOf: (messageId: string) => Role | undefined,
): readonly string[] {
  const version = String(entry.version);
  switch (entry.op) {
    case "message.append":
    case "message.open": {
      const { message, place } = entry.data;
      const verb = entry.op === "message.open" ? "open" : "append";
      return [
        verb,
        ...newMessage(message, version, givenIds),
        ...placeArguments(place),
        ...blobArguments(message.id, message.parts),
      ];
    }
    case "message.enqueue": {
      const { message } = entry.data;
      return [
        "enqueue",
        ...newMessage(message, version, givenIds),
        ...blobArguments(message.id, message.parts),
      ];
    }
    case "message.dequeue": {
      const { messageId, place } = entry.data;
      if (place === undefined) return ["discard", nameOf(messageId)];
      return ["dequeue", nameOf(messageId), version, ...placeArguments(place)];
    }
    case "message.commit": {
      const { messageId, parts } = entry.data;
      const text = textFlag(roleOf(messageId), parts);
      return ["commit", nameOf(messageId), version, text, ...blobArguments(messageId, parts)];
    }
    case "message.annotate": {
      const { json, words } = encodeEntry(entry);
      return [
        "annotate",
        nameOf(entry.data.messageId),
        version,
        json,
        words.map((it) => it.json).join(""),
      ];
    }
    case "message.redact":
      return ["redact", nameOf(entry.data.messageId)];
    case "file.change":
    case "file.rollback":
      return blobVerb(fileReference(entry.version), blobsOfRecord(entry.data));
    default:
      return [];
  }
}

function newMessage(
  { id, role, parts }: MessageBody,
  version: string,
  givenIds: readonly string[],
): readonly string[] {
  const given = givenIds.includes(id) ? "g" : "m";
  return [nameOf(id), letterOf(role), textFlag(role, parts), version, given];
}

function placeArguments({ segment, position, continues, depth }: Place): readonly string[] {
  // Where the segment starts; its first messages may have been trimmed.
  const start = depth - position + 1;
  const from =
    continues === undefined
      ? ""
      : `${start} ${continues.segment.number} ${continues.position} ${nameOf(continues.segment.threadId)}`;
  return [String(segment.number), String(position), from];
}

/** Whether a preview can be made of the message. */
function textFlag(role: Role | undefined, parts: readonly Part[]): string {
  const isSaid = role === "user" || role === "assistant";
  return isSaid && preview(parts) !== null ? "1" : "0";
}

function blobArguments(messageId: string, parts: readonly Part[]): readonly string[] {
  const shas = parts.flatMap((part) =>
    part.type === "file" && part.source.kind === "blob" ? [nameOf(part.source.sha256)] : [],
  );
  return blobVerb(messageId, [...new Set(shas)]);
}

function blobVerb(holder: string, shas: readonly string[]): readonly string[] {
  return shas.length === 0 ? [] : ["blobs", nameOf(holder), String(shas.length), ...shas];
}
