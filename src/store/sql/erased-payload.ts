import type { Action, Decision } from "../../model/action.ts";
import { withErasedTitle } from "../../model/redacted-title.ts";
import { erasedAction, erasedDecision, withErasedActions } from "../../model/erased-action.ts";
import type { LastMessage, ThreadHead, ThreadProfile } from "../../model/thread.ts";
import { OP_CODES } from "./codes.ts";

/** What of a stored payload a redaction looks at. */
export interface ErasablePayload {
  readonly metadata?: unknown;
  readonly lastMessage?: LastMessage | null;
  readonly from?: { readonly lastMessage: LastMessage | null };
  readonly profile?: ThreadProfile;
  readonly snapshot?: Omit<ThreadHead, "version">;
  readonly action?: Action;
  readonly decision?: Decision;
}

/** Messages whose text the first entry of a log may repeat. */
export function quotedIn({ from, profile, snapshot }: ErasablePayload): readonly string[] {
  const { lastMessage, queued = [], runs = [] } = snapshot?.activity ?? {};
  const calls = runs.flatMap(({ actions = [] }) => actions.map((it) => it.callMessageId));
  const ids = [from?.lastMessage?.id, profile?.titleOf, snapshot?.profile.titleOf, lastMessage?.id];
  const all = [...ids, ...calls, ...queued.map(({ messageId }) => messageId)];
  return all.filter((id) => id !== undefined);
}

/** The payload of an entry without what it says of a message.
 *  @param op  the stored code */
export function erasedPayload(
  op: unknown,
  { metadata: _metadata, ...payload }: ErasablePayload,
  messageId: string | undefined,
): object {
  switch (op) {
    case OP_CODES["message.append"]:
    case OP_CODES["message.open"]:
    case OP_CODES["message.enqueue"]:
    case OP_CODES["message.commit"]:
      return { ...payload, parts: [], redacted: true };
    case OP_CODES["message.annotate"]:
      return { ...payload, values: {} };
    case OP_CODES["branch.move"]:
      return { ...payload, lastMessage: withoutText(payload.lastMessage) };
    case OP_CODES["thread.set"]:
      return { ...payload, title: null };
    case OP_CODES["thread.create"]:
      return erasedCreation(payload, messageId);
    case OP_CODES["approval.request"]:
    case OP_CODES["approval.decide"]:
      return erasedApproval(payload);
    case OP_CODES["retention.trim"]:
      return erasedTrim(payload, messageId);
    default:
      return payload;
  }
}

function erasedApproval({ action, decision, ...rest }: Omit<ErasablePayload, "metadata">): object {
  return {
    ...rest,
    ...(action && { action: erasedAction(action) }),
    ...(decision && { decision: erasedDecision(decision) }),
    redacted: true,
  };
}

function erasedCreation({ from, profile, ...rest }: ErasablePayload, messageId = ""): object {
  const lastMessage =
    from?.lastMessage?.id === messageId ? withoutText(from.lastMessage) : from?.lastMessage;
  return {
    ...rest,
    ...(profile && { profile: withErasedTitle(profile, messageId) }),
    ...(from && { from: { ...from, lastMessage } }),
  };
}

function erasedTrim({ snapshot, ...rest }: ErasablePayload, messageId = ""): object {
  if (snapshot === undefined) return rest;
  const { profile, activity } = snapshot;
  const erased = (quoted: LastMessage | null): LastMessage | null =>
    quoted?.id === messageId ? withoutText(quoted) : quoted;
  return {
    ...rest,
    snapshot: {
      ...snapshot,
      profile: withErasedTitle(profile, messageId),
      activity: {
        ...activity,
        lastMessage: erased(activity.lastMessage),
        queued: activity.queued.map((it) => ({ ...it, preview: erased(it.preview) })),
        runs: activity.runs.map((run) => withErasedActions(run, messageId)),
      },
    },
  };
}

function withoutText(quoted: LastMessage | null | undefined): LastMessage | null {
  return quoted ? { ...quoted, text: "" } : null;
}
