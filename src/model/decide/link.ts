import { SkeinError } from "../error.ts";
import type { Json, JsonObject } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { otherSide, sidesOf } from "../link.ts";
import type { ThreadHead, ThreadLink } from "../thread.ts";
import { requireRole } from "./access.ts";
import { emit, openDraft } from "./draft.ts";
import type { DecideContext, Draft } from "./draft.ts";
import { set } from "./profile.ts";

type Named = Pick<ThreadLink, "kind" | "threadId">;

/** Names a related thread, once. */
export function addLink(draft: Draft, link: ThreadLink): void {
  const { links = [] } = draft.head.profile;
  if (sidesOf(draft.head.profile).some((other) => isSame(other, link))) return;
  if (links.length >= LIMITS.links)
    throw new SkeinError("limit_exceeded", `A thread has at most ${LIMITS.links} links.`, {
      details: { limit: LIMITS.links },
    });
  emit(draft, "link.add", link);
}

/** Does nothing where there is no such link. */
export function removeLink(draft: Draft, { kind, threadId }: Named): void {
  const { id, links = [] } = draft.head.profile;
  if (links.some((link) => isSame(link, { kind, threadId })))
    return emit(draft, "link.remove", { kind, threadId });
  if (sidesOf(draft.head.profile).some((side) => isSame(side, { kind, threadId })))
    throw new SkeinError(
      "invalid_request",
      `Thread ${id} was made as ${otherSide(kind)} of ${threadId}. That cannot be taken back.`,
      { field: "kind" },
    );
}

/** Takes a link away on behalf of who may write to the thread, deleted or not. `null` where the thread is no more. */
export function decideUnlink(
  head: ThreadHead | null,
  link: Named,
  context: DecideContext,
): Draft | null {
  if (head === null || head.profile.purgedAt !== null) return null;
  requireRole(head, context.principal, "editor");
  const draft = openDraft(head, context);
  removeLink(draft, link);
  return draft;
}

/** What the purge of a thread writes to another one that names it. It tells nothing of who asked. */
export function noteGone(head: ThreadHead, goneId: string, context: DecideContext): Draft {
  const draft = openDraft(head, { ...context, threadId: head.profile.id, actor: "system" });
  const { links = [], metadata } = head.profile;
  for (const { kind, threadId } of links)
    if (threadId === goneId) emit(draft, "link.remove", { kind, threadId });
  const named = withoutThread(metadata, goneId);
  if (named !== null) set(draft, { type: "set", metadata: named });
  return draft;
}

/** The keys in which related threads are named for whoever reads nothing but metadata, and what becomes of them. */
function withoutThread(metadata: JsonObject, goneId: string): JsonObject | null {
  const changed = Object.entries(metadata).flatMap(([key, value]): [string, Json][] => {
    if (key === SUMMARIES_KEY && Array.isArray(value) && value.includes(goneId))
      return [[key, value.filter((id) => id !== goneId)]];
    return (key === ORIGIN_KEY || key === PREVIOUS_KEY) && value === goneId ? [[key, null]] : [];
  });
  return changed.length === 0 ? null : Object.fromEntries(changed);
}

/** In the metadata of a summary: the thread that it is of. */
export const ORIGIN_KEY = "originThreadID";
/** In the metadata of a thread: its newest summaries. */
export const SUMMARIES_KEY = "summaryThreads";
/** In the metadata of a continuation: the thread that it continues. */
export const PREVIOUS_KEY = "previous_thread";

/** Whether a thread has been continued. */
export function continuationOf(head: ThreadHead): string | undefined {
  return head.profile.links?.find(({ kind }) => kind === "continuation")?.threadId;
}

function isSame(one: Named, other: Named): boolean {
  return one.kind === other.kind && one.threadId === other.threadId;
}
