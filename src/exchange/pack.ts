import type { ThreadExport } from "../engine/engine.ts";
import { digestOf } from "../engine/digest.ts";
import { toPortable } from "../engine/portable/spelling.ts";
import { checkMetadata } from "../model/check.ts";
import { isJsonObject } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import type { Part } from "../model/part.ts";
import { autoTitle } from "../model/title.ts";
import { cleanJson, cleanLine } from "./clean-json.ts";
import type { Conversation, SourceMessage } from "./conversation.ts";
import { followSkipped } from "./follow-skipped.ts";
import { layBranches } from "./lay-branches.ts";
import { orderMessages } from "./order-messages.ts";
import { pairTools } from "./pair-tools.ts";

export interface PackOptions {
  /** Who imports. The same conversation becomes another thread for somebody else. */
  readonly user: string;
  readonly now: number;
}

/** A conversation whose ids follow from those of its source. */
export interface PackedConversation {
  readonly threadId: string;
  readonly messageCount: number;
  /** Messages that followed on themselves. */
  readonly circles: number;
  /** @param mainId  the message at the end of `main`; default the one that the source shows */
  toExport(mainId?: string | null): ThreadExport;
  readonly ids: ReadonlySet<string>;
  /** Ids from the end of the source's path to its beginning. */
  readonly mainPath: readonly string[];
}

export function packConversation(
  conversation: Conversation,
  { user, now }: PackOptions,
): PackedConversation {
  const idOf = (prefix: string, ...of: readonly string[]): string =>
    `${prefix}_${digestOf([conversation.format, user, conversation.id, ...of]).slice(0, 32)}`;
  const { messages: ordered, circles } = orderMessages(conversation);
  const shownId = headOf(conversation, ordered);
  const messages = packMessages(pairTools(ordered), {
    user,
    now,
    startedAt: conversation.createdAt,
    idOf: (id) => idOf("msg", id),
  });
  const threadId = idOf("th");
  const headId = shownId === null ? null : idOf("msg", shownId);
  return {
    threadId,
    circles,
    messageCount: messages.length,
    ids: new Set(messages.map(({ id }) => id)),
    mainPath: pathTo(messages, headId),
    toExport(mainId = headId) {
      const branches = layBranches(messages, mainId).map(({ name, messageId, startsAt }) => ({
        name,
        reason: name === "main" ? "main" : "edit",
        ...(name !== "main" && { of: "main" }),
        createdAt: startsAt,
        messageId,
      }));
      const content = {
        type: "skein.export",
        version: 1,
        store_id: conversation.format,
        exported_at: new Date(now).toISOString(),
        thread: toPortable(threadOf(conversation, { threadId, messages, mainId, now })),
        messages: messages.map(toPortable),
        branches: branches.map(toPortable),
        runs: [],
        blobs: filesOf(conversation, messages),
      } as const;
      return { ...content, sha256: digestOf(content) };
    },
  };
}

interface PackedMessage {
  readonly id: string;
  readonly parentId: string | null;
  readonly createdAt: number;
  readonly role: SourceMessage["role"];
  readonly parts: readonly Part[];
}

interface Packing extends PackOptions {
  readonly startedAt: number | undefined;
  readonly idOf: (id: string) => string;
}

function packMessages(
  messages: readonly SourceMessage[],
  { idOf, user, now, startedAt = now }: Packing,
): readonly PackedMessage[] {
  const times = new Map<string | null, number>();
  return messages.map((message) => {
    const { id, parentId, role, author, model, usage, isIncomplete = false } = message;
    const at = Math.min(message.createdAt ?? times.get(parentId) ?? startedAt, now);
    times.set(id, at);
    const said = author ?? (role === "user" ? { kind: "user", id: user } : undefined);
    const parts = message.parts.map(cleanPart);
    return {
      id: idOf(id),
      parentId: parentId === null ? null : idOf(parentId),
      role,
      ...(said && { author: said }),
      status: isIncomplete ? "incomplete" : "completed",
      // A message that says nothing has its place, too.
      parts: parts.length > 0 ? parts : [{ type: "text", text: "" } satisfies Part],
      ...(model !== undefined && { model: cleanLine(model, 256) }),
      ...(usage && { usage }),
      metadata: fitting({ source_id: id }, message.metadata),
      ...(message.createdAt !== undefined && { composedAt: message.createdAt }),
      createdAt: at,
    };
  });
}

function cleanPart(part: Part): Part {
  // What is cleaned keeps its shape.
  const clean = cleanJson(JSON.parse(JSON.stringify(part))) as Part & JsonObject;
  if (clean.type === "tool-call" || clean.type === "tool-result")
    return {
      ...clean,
      callId: cleanLine(clean.callId, 256) || "call",
      name: clean.name.slice(0, 256),
    };
  if (clean.type === "file" && clean.filename !== undefined)
    return { ...clean, filename: cleanLine(clean.filename, 1_000) };
  return clean;
}

interface Packed {
  readonly threadId: string;
  readonly messages: readonly PackedMessage[];
  readonly mainId: string | null;
  readonly now: number;
}

function threadOf(
  { format, id, title, tags = [], kind = "main", ...conversation }: Conversation,
  { threadId, messages, now }: Packed,
): object {
  const times = messages.map(({ createdAt }) => createdAt);
  const earliest = times.reduce((a, b) => Math.min(a, b), conversation.createdAt ?? now);
  const first = messages.find(({ role, parts }) => role === "user" && autoTitle(parts) !== null);
  const named = title === undefined ? "" : cleanLine(title, LIMITS.titleCharacters);
  const automatic = named === "" && first ? autoTitle(first.parts) : null;
  return {
    id: threadId,
    version: 1,
    title: named === "" ? automatic : named,
    titleSource: named === "" ? "auto" : "human",
    ...(automatic !== null && first && { titleOf: first.id }),
    agentId: null,
    kind,
    metadata: fitting({ source: format, source_id: id }, conversation.metadata),
    tags: tagsOf(tags),
    state: {},
    createdAt: earliest,
    updatedAt: times.reduce((a, b) => Math.max(a, b), earliest),
    archivedAt: conversation.isArchived === true ? now : null,
  };
}

function tagsOf(tags: readonly string[]): readonly string[] {
  const lines = tags.map((tag) => cleanLine(tag, LIMITS.tagCharacters)).filter(Boolean);
  return [...new Set(lines)].slice(0, LIMITS.tags);
}

/** Where it comes from, and the rest as far as metadata may be. */
function fitting(origin: JsonObject, rest: JsonObject = {}): JsonObject {
  const all = cleanJson({ ...rest, ...origin });
  try {
    if (isJsonObject(all)) checkMetadata(all);
    return isJsonObject(all) ? all : origin;
  } catch {
    return Object.fromEntries(
      Object.entries(origin).map(([key, value]) => [
        key,
        typeof value === "string" ? cleanLine(value, 1_000) : value,
      ]),
    );
  }
}

/** What the source shows, or the last that it has and that nothing follows. */
function headOf(
  { headId, messages, skipped = new Map() }: Conversation,
  ordered: readonly SourceMessage[],
): string | null {
  const there = new Set(ordered.map(({ id }) => id));
  const shown = headId === undefined ? null : followSkipped(headId, skipped);
  if (shown !== null && there.has(shown)) return shown;
  const isParent = new Set(ordered.map(({ parentId }) => parentId));
  return messages.findLast(({ id }) => there.has(id) && !isParent.has(id))?.id ?? null;
}

function pathTo(messages: readonly PackedMessage[], headId: string | null): readonly string[] {
  const parents = new Map(messages.map(({ id, parentId }) => [id, parentId]));
  const path: string[] = [];
  for (let at = headId; at !== null; at = parents.get(at) ?? null) path.push(at);
  return path;
}

/** Those that messages name: a message may have been left out. */
function filesOf(
  { files }: Conversation,
  messages: readonly PackedMessage[],
): ThreadExport["blobs"] {
  const named = new Set<string>();
  for (const { parts } of messages)
    for (const part of parts)
      if (part.type === "file" && part.source.kind === "blob") named.add(part.source.sha256);
  return [...named].flatMap((sha256) => {
    const file = files.get(sha256);
    if (file === undefined) return [];
    const { sizeBytes, mediaType, base64 } = file;
    return [{ sha256, size_bytes: sizeBytes, media_type: mediaType, base64 }];
  });
}
