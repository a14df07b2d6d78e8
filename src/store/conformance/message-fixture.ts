import type { ForkOrigin, OpData } from "../../model/entry.ts";
import type { MessageBody, MessageStatus, Place } from "../../model/message.ts";
import { answeredIdsOf, callIdsOf, text } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import type { BranchHead, ThreadHead } from "../../model/thread.ts";
import { existing } from "./fixture.ts";
import type { Change, ChangeOf } from "./fixture.ts";

export interface SayOptions extends Partial<Omit<MessageBody, "id" | "parts">> {
  /** Default `main`. */
  readonly branch?: string;
}

type Content = string | readonly Part[];

/** Appends a message at the head of a branch. */
export function say(
  id: string,
  content: Content,
  { branch = MAIN, ...rest }: SayOptions = {},
): Change {
  return (head) => {
    const message = bodyOf(id, content, rest);
    const place = nextPlace(head, branch, message);
    return { op: "message.append", data: { message, place } };
  };
}

/** Opens a message that a run is going to write. */
export function open(id: string, runId: string, branch: string = MAIN): Change {
  return (head) => {
    const message = bodyOf(id, [], { role: "assistant", status: "in_progress", runId });
    return { op: "message.open", data: { message, place: nextPlace(head, branch, message) } };
  };
}

/** Commits an open message with what the run wrote. */
export function close(
  id: string,
  content: Content,
  more: Partial<OpData["message.commit"]> = {},
): Change {
  const parts = partsOf(content);
  const data = {
    messageId: id,
    branch: MAIN,
    status: "completed" as const,
    parts,
    pending: callIdsOf(parts),
  };
  return { op: "message.commit", data: { ...data, ...more } };
}

/** Queues a message behind the run that holds the branch. */
export function enqueue(id: string, content: Content, branch: string = MAIN): Change {
  const message = bodyOf(id, content, { status: "queued" });
  return { op: "message.enqueue", data: { message, branch } };
}

/** Gives a queued message its place. */
export function dequeue(id: string, branch: string = MAIN): Change {
  return (head) => {
    const place = nextPlace(head, branch, bodyOf(id, [], {}));
    return { op: "message.dequeue", data: { messageId: id, branch, place } };
  };
}

export function redact(messageId: string): Change {
  return { op: "message.redact", data: { messageId } };
}

/** Makes a branch that starts where another one ends, or ended. */
export function branchAt(name: string, at: ForkOrigin["head"]): ChangeOf<"branch.create"> {
  return { op: "branch.create", data: { branch: branchHead(name, at) } };
}

export function branchHead(
  name: string,
  { segment, position, messageId, count, turnId }: ForkOrigin["head"],
): BranchHead {
  return {
    name,
    segment,
    position,
    messageId,
    count,
    turnId,
    isTip: false,
    pending: [],
    reason: "cut",
    of: MAIN,
    createdAt: 0,
  };
}

/** Where a fork of a thread as it is now starts. */
export function originOf({ profile, version, branches, activity }: ThreadHead): ForkOrigin {
  const { segment, position, messageId, count, turnId } = existing(branches[MAIN]);
  return {
    threadId: profile.id,
    version,
    branch: MAIN,
    head: { segment, position, messageId, count, turnId },
    lastMessage: activity.lastMessage,
  };
}

/** The end of a branch, for `readPath`. */
export function endOf(
  { branches }: ThreadHead,
  branch: string = MAIN,
): Pick<BranchHead, "segment" | "position"> {
  return existing(branches[branch]);
}

function bodyOf(
  id: string,
  content: Content,
  more: Omit<SayOptions, "branch"> & { readonly status?: MessageStatus },
): MessageBody {
  return { id, role: "user", status: "completed", parts: partsOf(content), ...more };
}

function partsOf(content: Content): readonly Part[] {
  return typeof content === "string" ? [text(content)] : content;
}

/** Behind the head of the branch; in a new segment if another branch grows the present one. */
function nextPlace(head: ThreadHead, name: string, message: MessageBody): Place {
  const branch = existing(head.branches[name]);
  const answered = answeredIdsOf(message.parts);
  const common = {
    branch: name,
    parentId: branch.messageId,
    depth: branch.count,
    turnId: message.role === "user" ? message.id : (branch.turnId ?? message.id),
    pending: [
      ...branch.pending.filter((id) => !answered.includes(id)),
      ...callIdsOf(message.parts),
    ],
  };
  if (branch.isTip) return { ...common, segment: branch.segment, position: branch.position + 1 };
  const { segment, position } = branch;
  return {
    ...common,
    segment: { threadId: head.profile.id, number: head.activity.segments },
    position: 1,
    ...(position > 0 && { continues: { segment, position } }),
  };
}
