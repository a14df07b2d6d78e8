import type { JsonObject } from "../../model/json.ts";
import { SkeinError } from "../../model/error.ts";
import type { Message } from "../../model/message.ts";
import type { Principal } from "../../model/principal.ts";
import { isEnded } from "../../model/run-transitions.ts";
import type { Run } from "../../model/run.ts";
import { LIMITS } from "../../model/limits.ts";
import type { ThreadHead, ThreadProfile } from "../../model/thread.ts";
import type { Store } from "../../store/store.ts";
import { principalOf, readHead } from "../core.ts";
import type { Core } from "../core.ts";
import { digestOf } from "../digest.ts";
import type { SerializeOptions } from "./portable-calls.ts";
import type { ExportedBlob, ThreadExport, ThreadReference } from "./thread-export.ts";
import { readTree } from "./read-tree.ts";
import type { Tree } from "./read-tree.ts";
import { toPortable } from "./spelling.ts";
import {
  jsonWithoutPasswords,
  objectWithoutPasswords,
  partWithoutPassword,
} from "./without-passwords.ts";

const INLINE_BYTES = 4_194_304;
const RUNS_AT_ONCE = 200;

export async function serialize(
  core: Core,
  base: Principal,
  threadId: string,
  options: SerializeOptions = {},
): Promise<ThreadReference | ThreadExport> {
  const { mode = "reference", inlineBytes = INLINE_BYTES, ...rest } = options;
  const principal = principalOf(base, rest);
  if (mode !== "reference" && mode !== "full")
    throw new SkeinError("invalid_request", "mode must be reference or full.", { field: "mode" });
  if (!Number.isInteger(inlineBytes) || inlineBytes < 0 || inlineBytes > LIMITS.blobBytes)
    throw new SkeinError(
      "invalid_request",
      `inline_bytes must be a whole number from 0 to ${LIMITS.blobBytes}.`,
      { field: "inline_bytes" },
    );
  const head = await readHead(core, principal, threadId);
  const { storeId } = await core.store.open();
  if (mode === "full") return exportOf(core, principal, head, { storeId, inlineBytes });
  return {
    type: "skein.thread",
    version: 1,
    store_id: storeId,
    thread_id: threadId,
    thread_version: head.version,
  };
}

async function exportOf(
  core: Core,
  principal: Principal,
  head: ThreadHead,
  { storeId, inlineBytes }: { readonly storeId: string; readonly inlineBytes: number },
): Promise<ThreadExport> {
  const tree = await readTree(core.store, head);
  const content = {
    type: "skein.export",
    version: 1,
    store_id: storeId,
    exported_at: new Date(core.clock()).toISOString(),
    thread: threadToPortable(head, tree),
    messages: messagesToPortable(tree),
    branches: tree.branches.map(toPortable),
    runs: (await endedRuns(core.store, head)).map(runToPortable),
    blobs: await blobsOf(core, principal, tree.messages, inlineBytes),
  } as const;
  return { ...content, sha256: digestOf(content) };
}

function threadToPortable({ profile, version, activity }: ThreadHead, tree: Tree): JsonObject {
  const { id, title, titleSource, titleOf, agentId, kind, metadata, tags, state } = profile;
  const { createdAt, archivedAt } = profile;
  const isThere = titleOf !== undefined && tree.parents.has(titleOf);
  return toPortable({
    id,
    version,
    title,
    titleSource,
    ...(isThere && { titleOf }),
    agentId,
    kind,
    metadata: objectWithoutPasswords(metadata),
    tags,
    state: objectWithoutPasswords(state ?? {}),
    createdAt,
    updatedAt: activity.updatedAt,
    archivedAt,
    ...(profile.forkedFrom && { forkedFrom: forkOf(profile.forkedFrom) }),
  });
}

function forkOf({
  threadId,
  version,
}: NonNullable<ThreadProfile["forkedFrom"]>): Readonly<Record<string, string | number>> {
  return { threadId, version };
}

/** Every message of a tree as it is exported. */
export function messagesToPortable({ messages, parents }: Tree): readonly JsonObject[] {
  return messages.map((message) => messageToPortable(message, parents.get(message.id) ?? null));
}

function messageToPortable(message: Message, parentId: string | null): JsonObject {
  const { id, turnId, role, author, status, reason, parts, runId, model, usage, cost } = message;
  const { metadata, composedAt, editOf, createdAt, redacted } = message;
  return toPortable({
    id,
    parentId,
    turnId,
    role,
    author,
    status: status === "queued" ? "completed" : status,
    reason,
    parts: parts.map(partWithoutPassword),
    runId,
    model,
    usage,
    cost,
    metadata: metadata && objectWithoutPasswords(metadata),
    composedAt,
    editOf,
    createdAt,
    redacted,
  });
}

function runToPortable(run: Run): JsonObject {
  const { id, agentId, branch, status, model, instructions, metadata, turnId, createdAt } = run;
  const { startedAt, endedAt, error, usage, cost, called, customStatus, lastMessageId } = run;
  return toPortable({
    id,
    agentId,
    branch,
    status,
    model,
    instructions,
    metadata: metadata && objectWithoutPasswords(metadata),
    turnId,
    createdAt,
    startedAt,
    endedAt,
    error,
    usage,
    cost,
    called,
    ...(customStatus !== undefined && { customStatus: jsonWithoutPasswords(customStatus) }),
    lastMessageId,
  });
}

/** The oldest first. */
async function endedRuns(store: Store, { profile }: ThreadHead): Promise<readonly Run[]> {
  const key = { tenant: profile.tenant, id: profile.id };
  const runs: Run[] = [];
  for (let before: string | undefined; ;) {
    const page = await store.listRuns(key, {
      limit: RUNS_AT_ONCE,
      ...(before !== undefined && { before }),
    });
    runs.push(...page.filter(({ status }) => isEnded(status)));
    before = page.at(-1)?.id;
    if (page.length < RUNS_AT_ONCE) return runs.toReversed();
  }
}

async function blobsOf(
  core: Core,
  principal: Principal,
  messages: readonly Message[],
  inlineBytes: number,
): Promise<readonly ExportedBlob[]> {
  const blobs = new Map<string, ExportedBlob>();
  let left = inlineBytes;
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type !== "file" || part.source.kind !== "blob") continue;
      const { sha256, sizeBytes } = part.source;
      if (blobs.has(sha256)) continue;
      const named = { sha256, size_bytes: sizeBytes, media_type: part.mediaType };
      const blob =
        sizeBytes > left ? null : await core.store.loadBlob(principal, sha256, core.clock());
      if (blob !== null) left -= blob.bytes.byteLength;
      blobs.set(sha256, {
        ...named,
        ...(blob && { base64: Buffer.from(blob.bytes).toString("base64") }),
      });
    }
  return [...blobs.values()];
}
