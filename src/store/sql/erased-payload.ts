import { withErasedTitle } from "../../model/redacted-title.ts";
import type { LastMessage, ThreadProfile } from "../../model/thread.ts";
import { OP_CODES } from "./codes.ts";

/** What of a stored payload a redaction looks at. */
export interface ErasablePayload {
  readonly metadata?: unknown;
  readonly lastMessage?: LastMessage | null;
  readonly from?: { readonly lastMessage: LastMessage | null };
  readonly profile?: ThreadProfile;
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
    default:
      return payload;
  }
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

function withoutText(quoted: LastMessage | null | undefined): LastMessage | null {
  return quoted ? { ...quoted, text: "" } : null;
}
