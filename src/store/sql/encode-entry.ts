import { ENTRY_SCHEMA } from "../../model/entry.ts";
import type { Entry } from "../../model/entry.ts";
import type { MessageBody, Place } from "../../model/message.ts";
import { MAIN } from "../../model/thread.ts";
import type { Cell } from "./cell.ts";
import { OTHER_OP, ROLE_CODES, opCodeOf } from "./codes.ts";

/** The columns that differ between ops. */
interface Columns {
  readonly mid: string | null;
  readonly role?: number;
  readonly branch?: string;
  readonly place?: Place;
  readonly pending?: readonly string[];
  /** `null` when nothing is left beside the columns. */
  readonly payload: string | null;
}

/** In the place of an op id that is that of the version before. */
export const AS_BEFORE = "";

/** A row of `entry`. What other columns or neighbouring rows say is left out (see schema.ts).
 *  @param previousOpId  of the entry before it in the same write */
export function encodeEntry(
  entry: Entry,
  previousOpId: string | undefined,
  isGiven: boolean,
): readonly Cell[] {
  const code = opCodeOf(entry.op);
  const { mid, role, branch, place, pending, payload } =
    code === OTHER_OP ? otherColumns(entry) : columnsOf(entry);
  return [
    entry.version,
    code,
    entry.at,
    place?.segment.number ?? null,
    place?.position ?? null,
    role ?? null,
    isGiven ? 1 : null,
    entry.schema === ENTRY_SCHEMA ? null : entry.schema,
    mid,
    place === undefined || place.turnId === mid ? null : place.turnId,
    // Within a segment the parent is the message before.
    place === undefined || place.position > 1 ? null : place.parentId,
    opIdCell(entry.opId, mid, previousOpId),
    entry.actor,
    branch === undefined || branch === MAIN ? null : branch,
    pending === undefined || pending.length === 0 ? null : JSON.stringify(pending),
    payload,
  ];
}

function opIdCell(opId: string, mid: string | null, previous: string | undefined): Cell {
  if (opId === mid) return null;
  return opId === previous ? AS_BEFORE : opId;
}

/** An entry that another version of the program wrote. */
function otherColumns({ op, data }: Entry): Columns {
  return { mid: null, payload: JSON.stringify({ op, data }) };
}

function columnsOf(entry: Entry): Columns {
  switch (entry.op) {
    case "message.append":
    case "message.open": {
      const { message, place, ...extra } = entry.data;
      proveOwnSegment(entry, place);
      return {
        ...messageColumns(message, extra),
        branch: place.branch,
        place,
        pending: place.pending,
      };
    }
    case "message.enqueue": {
      const { message, branch, ...extra } = entry.data;
      return { ...messageColumns(message, extra), branch };
    }
    case "message.dequeue": {
      const { messageId, branch, place, ...extra } = entry.data;
      if (place === undefined) return { mid: messageId, branch, payload: jsonOrNull(extra) };
      proveOwnSegment(entry, place);
      const placeBranch = place.branch === branch ? {} : { placeBranch: place.branch };
      const payload = jsonOrNull({ ...extra, ...placeBranch });
      return { mid: messageId, branch, place, pending: place.pending, payload };
    }
    case "message.commit": {
      const { messageId, branch, pending, ...rest } = entry.data;
      return { mid: messageId, branch, pending, payload: JSON.stringify(rest) };
    }
    case "message.annotate":
    case "message.redact": {
      const { messageId, ...rest } = entry.data;
      return { mid: messageId, payload: jsonOrNull(rest) };
    }
    // These are found by the message that they quote, so that a redaction reaches the quotation.
    case "branch.move":
      return { mid: entry.data.lastMessage?.id ?? null, payload: jsonOrNull(entry.data) };
    case "thread.set":
      return { mid: entry.data.titleOf ?? null, payload: jsonOrNull(entry.data) };
    case "approval.request":
      return { mid: entry.data.action.callMessageId ?? null, payload: jsonOrNull(entry.data) };
    case "approval.decide":
      return { mid: entry.data.callMessageId ?? null, payload: jsonOrNull(entry.data) };
    default:
      return { mid: null, payload: jsonOrNull(entry.data) };
  }
}

/** What a payload says of a message: all but id, role and the usual status. */
function messageColumns(
  message: MessageBody,
  extra: object,
): Pick<Columns, "mid" | "role" | "payload"> {
  const { id, role, status, ...rest } = message;
  const hasExtra = Object.keys(extra).length > 0;
  const payload =
    status === "completed" && !hasExtra
      ? rest
      : { ...(status !== "completed" && { status }), ...rest, ...(hasExtra && { entry: extra }) };
  return { mid: id, role: ROLE_CODES[role], payload: JSON.stringify(payload) };
}

function jsonOrNull(value: object): string | null {
  const json = JSON.stringify(value);
  return json === "{}" ? null : json;
}

function proveOwnSegment({ threadId, version }: Entry, { segment }: Place): void {
  if (segment.threadId !== threadId)
    throw new TypeError(
      `Version ${version} of ${threadId} writes a segment of ${segment.threadId}.`,
    );
}
