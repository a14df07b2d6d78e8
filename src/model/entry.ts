import type { Action, Decision } from "./action.ts";
import type { Compaction } from "./compaction.ts";
import type { FileRecord } from "./file-change.ts";
import type { Json, JsonObject } from "./json.ts";
import type { MessageBody, MessageReason, MessageStatus, Place } from "./message.ts";
import type { Expiry } from "./lifetime.ts";
import type { Part } from "./part.ts";
import type { MemberRole } from "./principal.ts";
import type { Run, Step } from "./run.ts";
import type { RunEvent } from "./run-transitions.ts";
import type { BranchHead, LastMessage, ThreadHead, ThreadProfile, TitleSource } from "./thread.ts";
import type { Cost, Usage } from "./usage.ts";

/** The version of the entry format that this code writes. */
export const ENTRY_SCHEMA = 1;

/** Where a fork starts: a position in another thread's segments. */
export interface ForkOrigin {
  readonly threadId: string;
  readonly version: number;
  readonly branch: string;
  readonly head: Pick<
    BranchHead,
    "segment" | "position" | "messageId" | "count" | "turnId" | "floor"
  >;
  readonly lastMessage: LastMessage | null;
}

/** What a trim keeps of every branch: its newest messages, or those from a time on. Always whole turns. */
export type TrimPolicy =
  | { readonly keepLast: number }
  /** Milliseconds since the epoch. */
  | { readonly before: number };

/** Why a thread was put away or taken away, where nobody asked for it. */
export interface Retirement {
  readonly reason?: string;
}

/** What each op's entry carries. */
export interface OpData {
  "thread.create": { readonly profile: ThreadProfile; readonly from?: ForkOrigin };
  "thread.set": {
    readonly title?: string | null;
    readonly titleSource?: TitleSource;
    /** The message that an automatic title was made of. */
    readonly titleOf?: string;
    readonly agentId?: string;
    /** `null`: never. */
    readonly expiry?: Expiry | null;
    /** `null`: no more. */
    readonly hold?: { readonly reason?: string } | null;
  };
  "metadata.set": { readonly values: JsonObject };
  "metadata.unset": { readonly keys: readonly string[] };
  "tag.add": { readonly tags: readonly string[] };
  "tag.remove": { readonly tags: readonly string[] };
  "thread.archive": Retirement;
  "thread.unarchive": Record<never, never>;
  "thread.delete": Retirement;
  "thread.undelete": Record<never, never>;
  "thread.purge": Retirement;
  "link.add": { readonly kind: string; readonly threadId: string; readonly data?: JsonObject };
  "link.remove": { readonly kind: string; readonly threadId: string };
  "member.set": { readonly user: string; readonly role: MemberRole };
  "member.remove": { readonly user: string };
  "state.patch": { readonly patch: JsonObject };
  custom: { readonly name: string; readonly data?: Json };
  "message.append": { readonly message: MessageBody; readonly place: Place };
  "message.open": { readonly message: MessageBody; readonly place: Place };
  "message.commit": {
    readonly messageId: string;
    readonly branch: string;
    readonly status: MessageStatus;
    readonly reason?: MessageReason;
    readonly parts: readonly Part[];
    readonly model?: string;
    readonly usage?: Usage;
    readonly cost?: Cost;
    /** Tool calls that wait for an answer after this message. */
    readonly pending: readonly string[];
  };
  "message.enqueue": {
    readonly message: MessageBody;
    readonly branch: string;
    readonly runId?: string;
  };
  /** Without a place the queued message is discarded. */
  "message.dequeue": {
    readonly messageId: string;
    readonly branch: string;
    readonly place?: Place;
  };
  "message.annotate": { readonly messageId: string; readonly values: JsonObject };
  "message.redact": { readonly messageId: string; readonly reason?: string };
  "branch.create": { readonly branch: BranchHead };
  /** `kept` names the branch that now holds the path that was left. */
  "branch.move": {
    readonly branch: BranchHead;
    readonly kept?: BranchHead;
    readonly lastMessage: LastMessage | null;
  };
  "branch.rename": { readonly from: string; readonly to: string };
  "branch.remove": { readonly name: string };
  "run.start": { readonly run: Run; readonly holds: boolean };
  "run.update": {
    readonly runId: string;
    readonly event?: RunEvent;
    readonly run: Partial<Run>;
    readonly holds?: boolean;
    /** Ids of actions that are done now. The actions themselves are not said again: all of them together are large. */
    readonly settled?: readonly string[];
  };
  "run.end": { readonly runId: string; readonly event: RunEvent; readonly run: Partial<Run> };
  /** Somebody tells a run something. It stands here until the run takes it, and after. */
  "run.signal": {
    readonly runId: string;
    readonly signalId: string;
    readonly name: string;
    readonly payload: Json;
  };
  "step.start": { readonly step: Step };
  "step.end": { readonly step: Step };
  /** A run asks for something, whether it is an approval or not. */
  "approval.request": { readonly runId: string; readonly action: Action };
  "approval.decide": {
    readonly runId: string;
    readonly actionId: string;
    readonly decision: Decision;
    /** True when it needs nothing more of the run: the answer to the call is in the same commit. */
    readonly isDone: boolean;
    /** The message with that answer. */
    readonly messageId?: string;
    /** The message with the call that the action is about. */
    readonly callMessageId?: string;
  };
  /** A change of files begins, or has ended. */
  "file.change": FileRecord;
  /** The same of one that takes others back. */
  "file.rollback": FileRecord;
  /** A model has summed up the beginning of a path. */
  "context.compact": Compaction;
  /** The log begins anew: what was before it is gone. The only entry of its commit. */
  "retention.trim": {
    /** What was asked for. */
    readonly policy: TrimPolicy;
    /** How many messages each branch lost by it. */
    readonly trimmed: Readonly<Record<string, number>>;
    /** The whole head after it, but for the version, which is the entry's. */
    readonly snapshot: Omit<ThreadHead, "version">;
  };
}

export type Op = keyof OpData;

/** The names that the field used before; accepted where entries are read from outside. */
export const OP_ALIASES: Readonly<Record<string, Op>> = {
  "user:message": "message.append",
  "assistant:message": "message.append",
  title: "thread.set",
  "thread:truncate": "branch.move",
};

export interface EntryOf<O extends Op> {
  readonly threadId: string;
  /** 1, 2, 3 … without gaps. */
  readonly version: number;
  readonly op: O;
  readonly data: OpData[O];
  /** Who did it: `user:alice`, `agent:assistant`, `system`. */
  readonly actor: string;
  /** Milliseconds since the epoch, UTC, by the clock of the machine that decided. */
  readonly at: number;
  /** Groups the entries of one command; the caller's idempotency key where one was given. */
  readonly opId: string;
  readonly schema: number;
}

/** One immutable log record. An unknown op is kept and skipped. */
export type Entry = { [O in Op]: EntryOf<O> }[Op];

/** True for entries that put a message into the tree or the queue. */
export function messageOf(entry: Entry): MessageBody | undefined {
  return entry.op === "message.append" ||
    entry.op === "message.open" ||
    entry.op === "message.enqueue"
    ? entry.data.message
    : undefined;
}
