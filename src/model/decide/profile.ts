import { mergePatch } from "../apply.ts";
import type { RestoreTarget, SetCommand } from "../command.ts";
import type { Facts } from "../facts.ts";
import type { JsonObject } from "../json.ts";
import { checkMetadata, checkTags } from "../check.ts";
import { own } from "../own.ts";
import { branchAt, factOf, moveTo, requireFree } from "./cut.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";

/** Title, agent, metadata and tags: one entry for each kind of thing that really changes. */
export function set(draft: Draft, command: SetCommand): void {
  const { profile } = draft.head;
  const { title, titleSource = "human", agentId, expiry, hold } = command;
  const isTitled =
    title !== undefined && !(titleSource === "auto" && profile.titleSource === "human");
  // Taking a title away lets the next automatic one in.
  const source = title === null ? "auto" : titleSource;
  const hasNewTitle = isTitled && (title !== profile.title || source !== profile.titleSource);
  const hasNewAgent = agentId !== undefined && agentId !== profile.agentId;
  const hasNewExpiry = expiry !== undefined && !isSame(expiry, profile.expiry);
  const hasNewHold = hold !== undefined && !isSame(hold, profile.hold);
  if (hasNewTitle || hasNewAgent || hasNewExpiry || hasNewHold)
    emit(draft, "thread.set", {
      ...(hasNewTitle && { title, titleSource: source }),
      ...(hasNewAgent && { agentId }),
      ...(hasNewExpiry && { expiry }),
      ...(hasNewHold && { hold }),
    });
  if (command.metadata !== undefined)
    setMetadata(draft, mergePatch(profile.metadata, command.metadata));
  const added = [...(command.tags ?? []), ...(command.addTags ?? [])];
  const removed = new Set(command.removeTags);
  const tags = command.tags === undefined ? [...profile.tags, ...added] : added;
  setTags(
    draft,
    [...new Set(tags)].filter((tag) => !removed.has(tag)),
  );
}

function isSame(wanted: object | null, found: object | undefined): boolean {
  return JSON.stringify(wanted) === JSON.stringify(found ?? null);
}

function setMetadata(draft: Draft, metadata: JsonObject): void {
  checkMetadata(metadata);
  const { metadata: old } = draft.head.profile;
  const changed = Object.entries(metadata).filter(
    ([key, value]) =>
      !Object.hasOwn(old, key) || JSON.stringify(old[key]) !== JSON.stringify(value),
  );
  const gone = Object.keys(old).filter((key) => !Object.hasOwn(metadata, key));
  if (changed.length > 0) emit(draft, "metadata.set", { values: Object.fromEntries(changed) });
  if (gone.length > 0) emit(draft, "metadata.unset", { keys: gone });
}

function setTags(draft: Draft, tags: readonly string[]): void {
  checkTags(tags);
  const { tags: old } = draft.head.profile;
  const added = tags.filter((tag) => !old.includes(tag));
  const gone = old.filter((tag) => !tags.includes(tag));
  if (added.length > 0) emit(draft, "tag.add", { tags: added });
  if (gone.length > 0) emit(draft, "tag.remove", { tags: gone });
}

/** Brings back heads, title, tags and metadata of an earlier version. What is left stays reachable as `name~n`. */
export function restore(draft: Draft, target: RestoreTarget, facts: Facts): void {
  for (const [name, messageId] of Object.entries(target.heads)) {
    const { branches } = draft.head;
    const branch = own(branches, name);
    if (branch?.messageId === messageId) continue;
    const fact = factOf(facts, messageId);
    if (branch === undefined) {
      emit(draft, "branch.create", { branch: branchAt(draft, fact, { name, reason: "fork" }) });
      continue;
    }
    requireFree(draft, name);
    const { reason, of } = branch;
    const moved = branchAt(draft, fact, { name, reason, ...(of !== undefined && { of }) });
    moveTo(draft, moved, fact?.lastMessage ?? null);
  }
  const { profile } = draft.head;
  if (profile.title !== target.title || profile.titleSource !== target.titleSource)
    emit(draft, "thread.set", {
      title: target.title,
      titleSource: target.titleSource,
      ...(target.titleOf !== undefined && { titleOf: target.titleOf }),
    });
  setMetadata(draft, target.metadata);
  setTags(draft, target.tags);
}
