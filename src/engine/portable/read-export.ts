import { hash } from "node:crypto";
import type { z } from "zod";
import { checkMetadata, checkParts, checkTags, checkTitle, checkJson } from "../../model/check.ts";
import { checkJsonSize } from "../../model/check-size.ts";
import { SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { MAIN } from "../../model/thread.ts";
import { digestOf } from "../digest.ts";
import { exportSchema } from "./export-schema.ts";
import type { ReadExport } from "./export-schema.ts";
import { fromPortable } from "./spelling.ts";

/** What an export says, if all of it is whole and possible.
 *  @throws SkeinError  `invalid_request` with the field; `limit_exceeded` */
export function readExport(given: JsonObject): ReadExport {
  const { messages } = given;
  if (Array.isArray(messages) && messages.length > LIMITS.messagesPerImport)
    throw new SkeinError(
      "limit_exceeded",
      `A thread of more than ${LIMITS.messagesPerImport} messages is copied from store to store, not imported.`,
      { field: "messages", details: { limit: LIMITS.messagesPerImport } },
    );
  const { sha256, ...content } = given;
  const result = exportSchema.safeParse(fromPortable(given));
  if (!result.success) throw wrongField(result.error.issues[0]);
  if (digestOf(content) !== sha256)
    throw wrong("sha256", "The export was damaged or changed: its SHA-256 is another one.");
  checkThread(result.data);
  checkTree(result.data);
  checkBlobs(result.data);
  return result.data;
}

function checkThread({ thread, messages, runs }: ReadExport): void {
  if (thread.title !== null) checkTitle(thread.title, "thread.title");
  checkTags(thread.tags, "thread.tags");
  checkMetadata(thread.metadata, "thread.metadata");
  checkJson(thread.state, "thread.state");
  checkJsonSize(thread.state, "thread.state", LIMITS.stateBytes);
  for (const [index, { parts, metadata }] of messages.entries()) {
    if (parts.length > 0) checkParts(parts, `messages[${index}].parts`);
    if (metadata !== undefined) checkMetadata(metadata, `messages[${index}].metadata`);
  }
  for (const [index, { metadata, customStatus = null }] of runs.entries()) {
    if (metadata !== undefined) checkMetadata(metadata, `runs[${index}].metadata`);
    checkJsonSize({ customStatus }, `runs[${index}].custom_status`, LIMITS.customStatusBytes);
  }
}

/** Every message follows on one that is there, and none on itself; every branch leads to one. */
function checkTree({ messages, branches, runs, thread }: ReadExport): void {
  const parents = new Map(messages.map(({ id, parentId }) => [id, parentId]));
  requireUnique("messages", parents.size, messages.length);
  requireUnique("branches", new Set(branches.map(({ name }) => name)).size, branches.length);
  requireUnique("runs", new Set(runs.map(({ id }) => id)).size, runs.length);
  if (branches[0]?.name !== MAIN) throw wrong("branches", `The first branch must be ${MAIN}.`);
  const reached = new Set<string>();
  for (const [index, { messageId }] of branches.entries()) {
    const path = new Set<string>();
    for (let at = messageId; at !== null && !reached.has(at); at = parents.get(at) ?? null) {
      if (!parents.has(at))
        throw wrong(
          `branches[${index}]`,
          `The path of a branch names a message ${at} that is not there.`,
        );
      if (path.has(at)) throw wrong("messages", `Message ${at} follows on itself.`);
      path.add(at);
    }
    for (const id of path) reached.add(id);
  }
  const lost = messages.find(({ id }) => !reached.has(id));
  if (lost !== undefined) throw wrong("messages", `No branch leads to message ${lost.id}.`);
  if (thread.titleOf !== undefined && !parents.has(thread.titleOf))
    throw wrong("thread.title_of", `There is no message ${thread.titleOf}.`);
}

function checkBlobs({ blobs, messages }: ReadExport): void {
  const sizes = new Map(blobs.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  for (const [index, { base64, sha256, sizeBytes }] of blobs.entries()) {
    if (base64 === undefined) continue;
    const bytes = Buffer.from(base64, "base64");
    if (bytes.byteLength !== sizeBytes || hash("sha256", bytes) !== sha256)
      throw wrong(`blobs[${index}]`, `The bytes of blob ${sha256} are others.`);
  }
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type !== "file" || part.source.kind !== "blob") continue;
      if (sizes.get(part.source.sha256) !== part.source.sizeBytes)
        throw wrong(
          "blobs",
          `Blob ${part.source.sha256} is not among the files, or of another size.`,
        );
    }
}

function requireUnique(field: string, distinct: number, all: number): void {
  if (distinct !== all) throw wrong(field, `Two of the ${field} have the same id.`);
}

function wrongField(issue: z.core.$ZodIssue | undefined): SkeinError {
  const path = issue?.path ?? [];
  const field = path.reduce<string>(
    (name, key) =>
      typeof key === "number"
        ? `${name}[${key}]`
        : `${name}${name && "."}${snakeCase(String(key))}`,
    "",
  );
  const rule = issue?.message ?? "is not valid";
  const named = field === "" ? "The export" : field;
  return wrong(field, `${named} is not as it must be: ${rule}.`.replace("..", "."));
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function wrong(field: string, message: string): SkeinError {
  return new SkeinError("invalid_request", message, { ...(field !== "" && { field }) });
}
