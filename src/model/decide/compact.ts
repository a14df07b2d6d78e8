import { checkId, checkText } from "../check.ts";
import { checkJsonSize } from "../check-size.ts";
import type { NewCompaction } from "../compaction.ts";
import { SkeinError } from "../error.ts";
import type { JsonObject } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { own } from "../own.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";

/** Notes what a model made of the beginning of a path. */
export function compact(draft: Draft, compaction: NewCompaction): void {
  const { text, data, messageId, branch, style } = compaction;
  checkId(messageId, "message_id");
  checkText(text, "text");
  if (style !== undefined) checkId(style, "style");
  if (text.length > LIMITS.compactionCharacters)
    throw new SkeinError(
      "limit_exceeded",
      `A compaction is over the limit of ${LIMITS.compactionCharacters} characters.`,
      { field: "text", details: { limit: LIMITS.compactionCharacters } },
    );
  if (data !== undefined) checkJsonSize(data, "data");
  if (own(draft.head.branches, branch) === undefined)
    throw new SkeinError("branch_not_found", `There is no branch ${branch}.`, { field: "branch" });
  emit(draft, "context.compact", {
    ...compaction,
    previous: draft.head.profile.context?.last ?? 0,
  });
}

/** Refuses one pin more than there may be. */
export function checkPin(draft: Draft, messageId: string, values: JsonObject | undefined): void {
  if (values?.["pinned"] !== true) return;
  const { pinned = [] } = draft.head.profile.context ?? {};
  if (pinned.includes(messageId) || pinned.length < LIMITS.pinnedMessages) return;
  throw new SkeinError(
    "limit_exceeded",
    `A thread has at most ${LIMITS.pinnedMessages} pinned messages.`,
    { field: "metadata", details: { limit: LIMITS.pinnedMessages } },
  );
}
