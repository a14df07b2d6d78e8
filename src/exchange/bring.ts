import type { WriteOptions } from "../engine/engine.ts";
import { isSkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";
import { MAIN } from "../model/thread.ts";
import type { ImportTarget } from "./import-options.ts";
import type { PackedConversation } from "./pack.ts";
import type { Outcome } from "./tally.ts";

export interface BringOptions extends WriteOptions {
  readonly agentId?: string;
  readonly isDryRun: boolean;
}

/** Makes a thread of a conversation, or adds what the thread that is here lacks. Where people have gone on here, `main` stays
 *  theirs, and what the source has said since becomes a branch.
 *  @throws SkeinError  as `resume` */
export async function bringConversation(
  target: ImportTarget,
  packed: PackedConversation,
  { isDryRun, ...options }: BringOptions,
): Promise<Outcome> {
  const { threadId } = packed;
  const [before] = await target.getMany([threadId]);
  if (isDryRun) {
    if (before == null) return "imported";
    return before.messagesTotal < packed.messageCount ? "updated" : "unchanged";
  }
  const resumed = await resumeBeside(target, packed, options);
  if (resumed.isNew || before == null) return "imported";
  return resumed.thread.version === before.version ? "unchanged" : "updated";
}

async function resumeBeside(
  target: ImportTarget,
  packed: PackedConversation,
  options: Omit<BringOptions, "isDryRun">,
): ReturnType<ImportTarget["resume"]> {
  try {
    return await target.resume(packed.toExport(), options);
  } catch (error) {
    if (!isSkeinError(error, "id_conflict") || error.field !== "branches") throw error;
    const known = await lastKnown(target, packed);
    if (known === undefined) throw error;
    return target.resume(packed.toExport(known), options);
  }
}

/** The message at which `main` is to stand in the source, so that nothing of `main` here has to change. */
async function lastKnown(
  target: ImportTarget,
  { threadId, ids, mainPath }: PackedConversation,
): Promise<string | undefined> {
  const branches = await target.branches(threadId);
  const here = branches.find(({ name }) => name === MAIN)?.messageId;
  if (here != null && ids.has(here)) return here;
  for (const id of mainPath)
    try {
      // Only where it stands on the path of `main`.
      await target.messages(threadId, { after: id, limit: 1 });
      return id;
    } catch (error) {
      if (!isSkeinError(error, "message_not_found")) throw error;
    }
  return undefined;
}

/** Resumes what Skein or the Agent Framework made; says what became of it, and how many messages it has. */
export async function bringPortable(
  target: ImportTarget,
  value: JsonObject,
  { isDryRun, ...options }: BringOptions,
): Promise<{ readonly outcome: Outcome; readonly messages: number }> {
  const id = isJsonObject(value["thread"]) ? value["thread"]["id"] : undefined;
  const before =
    typeof id === "string" && /^[A-Za-z0-9._:-]{1,128}$/.test(id)
      ? (await target.getMany([id]))[0]
      : undefined;
  const messages = Array.isArray(value["messages"]) ? value["messages"].length : 0;
  if (isDryRun) return { outcome: before == null ? "imported" : "unchanged", messages };
  const { isNew, thread } = await target.resume(value, options);
  const isSame = before == null || before.version === thread.version;
  return {
    outcome: isNew ? "imported" : isSame ? "unchanged" : "updated",
    messages: messages || thread.messagesTotal,
  };
}
