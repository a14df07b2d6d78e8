import type { Action, Decision } from "./action.ts";
import type { ContextTrack, NewCompaction } from "./compaction.ts";
import type { ForkOrigin, Retirement, TrimPolicy } from "./entry.ts";
import type { NewFileRecord } from "./file-change.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Author, Floor, MessageReason, MessageStatus, NewMessage, Role } from "./message.ts";
import type { Expiry } from "./lifetime.ts";
import type { Part } from "./part.ts";
import type { MemberRole } from "./principal.ts";
import type { NewRun, RunError, Step } from "./run.ts";
import type { RunEvent } from "./run-transitions.ts";
import type { ThreadContent } from "./thread-content.ts";
import type { BranchHead, ThreadLink, ThreadProfile, TitleSource } from "./thread.ts";
import type { Cost, Usage } from "./usage.ts";

/** What a caller wants to happen to one thread. `decide` turns it into entries. */
export type Command =
  | CreateCommand
  | SetCommand
  | ({ readonly type: "archive" } & Retirement)
  | { readonly type: "unarchive" }
  | ({ readonly type: "delete" } & Retirement)
  | { readonly type: "undelete" }
  | ({ readonly type: "purge" } & Retirement)
  | { readonly type: "member.set"; readonly user: string; readonly role: MemberRole }
  | { readonly type: "member.remove"; readonly user: string }
  | AppendCommand
  | { readonly type: "message.annotate"; readonly messageId: string; readonly values: JsonObject }
  | { readonly type: "message.redact"; readonly messageId: string; readonly reason?: string }
  | { readonly type: "message.discard"; readonly messageId: string }
  | { readonly type: "branch.create"; readonly name?: string; readonly at: BranchPoint }
  | { readonly type: "branch.rename"; readonly name: string; readonly to: string }
  | { readonly type: "branch.remove"; readonly name: string }
  | { readonly type: "truncate"; readonly branch: string; readonly to: string | null }
  | EditCommand
  | {
      readonly type: "regenerate";
      readonly messageId: string;
      readonly branch: string;
      readonly run: NewRun;
    }
  | { readonly type: "restore"; readonly target: RestoreTarget }
  | {
      readonly type: "run.claim";
      readonly runId: string;
      readonly owner: string;
      /** The fence that the worker saw; refused with `lease_lost` when another one claimed the run since. */
      readonly fence?: number;
    }
  | { readonly type: "run.cancel"; readonly runId: string }
  | {
      readonly type: "run.decide";
      readonly runId: string;
      readonly decisions: readonly { readonly actionId: string; readonly decision: Decision }[];
    }
  | {
      readonly type: "run.signal";
      readonly runId: string;
      readonly signalId: string;
      readonly name: string;
      readonly payload: Json;
    }
  /** What is due decides itself. */
  | { readonly type: "run.wake"; readonly runId: string }
  /** Names a related thread. */
  | LinkCommand
  | { readonly type: "link.remove"; readonly kind: string; readonly threadId: string }
  /** Ends a run that nobody works on and whose time is over. */
  | { readonly type: "run.expire"; readonly runId: string }
  /** Adds what a thread that came from the same one has said since: messages that are not here, and the branches that they
   *  are on. */
  | { readonly type: "bring"; readonly content: ThreadContent }
  | StatePatchCommand
  | RunProgressCommand
  | BatchCommand
  | TrimCommand
  | { readonly type: "files"; readonly record: NewFileRecord }
  | CompactCommand
  | { readonly type: "custom"; readonly name: string; readonly data?: Json };

/** A place to cut or branch: after a message, or the head of a branch, or before everything (`null`). */
export type BranchPoint = { readonly messageId: string | null } | { readonly branch: string };

export interface CreateCommand {
  readonly type: "create";
  readonly owner: string;
  readonly title?: string;
  /** Default `human` when there is a title. */
  readonly titleSource?: TitleSource;
  readonly titleOf?: string;
  readonly agentId?: string;
  readonly kind?: string;
  readonly metadata?: JsonObject;
  readonly tags?: readonly string[];
  readonly members?: Readonly<Record<string, MemberRole>>;
  readonly environment?: JsonObject;
  readonly alias?: string;
  readonly expiry?: Expiry;
  readonly parent?: ThreadProfile["parent"];
  readonly links?: readonly ThreadLink[];
  readonly from?: ForkOrigin;
  /** What a fork takes along of what models are shown. */
  readonly context?: ContextTrack;
  /** First messages and run, in the same commit. */
  readonly append?: AppendCommand;
  /** What the thread said elsewhere, in the same commit. Not beside `from` and `append`. */
  readonly content?: ThreadContent;
}

export interface LinkCommand {
  readonly type: "link.add";
  readonly link: ThreadLink;
}

/** Notes what a model made of the beginning of a path. */
export interface CompactCommand {
  readonly type: "compact";
  readonly compaction: NewCompaction;
}

export interface SetCommand {
  readonly type: "set";
  readonly title?: string | null;
  readonly titleSource?: TitleSource;
  readonly agentId?: string;
  /** `null`: never. */
  readonly expiry?: Expiry | null;
  /** `null`: no more. */
  readonly hold?: { readonly reason?: string } | null;
  /** RFC 7396 merge patch: `null` removes a key. */
  readonly metadata?: JsonObject;
  /** The whole new set. */
  readonly tags?: readonly string[];
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
}

export interface AppendCommand {
  readonly type: "append";
  /** Default `main`. */
  readonly branch?: string;
  /** The message that the caller saw last. Absent: whatever the head is. */
  readonly parentId?: string | null;
  readonly messages: readonly NewMessage[];
  /** An agent's answer to the messages, in the same commit. */
  readonly run?: NewRun;
}

export interface EditCommand {
  readonly type: "edit";
  /** The message that is replaced by a sibling. */
  readonly messageId: string;
  readonly branch: string;
  readonly message: NewMessage;
  readonly run?: NewRun;
}

/** The parts of an earlier state that a restore brings back. */
export interface RestoreTarget {
  readonly version: number;
  readonly title: string | null;
  readonly titleSource: TitleSource;
  readonly titleOf?: string;
  readonly metadata: JsonObject;
  readonly tags: readonly string[];
  /** Branch name → message at its head then. */
  readonly heads: Readonly<Record<string, string | null>>;
}

/** Lets go of what stands above the floors, and of the log. */
export interface TrimCommand {
  readonly type: "trim";
  readonly policy: TrimPolicy;
  /** For every branch, in the order of `planTrim`. */
  readonly branches: readonly PlannedTrim[];
}

export interface PlannedTrim {
  readonly branch: string;
  /** The head that the plan was made for. The branch may only have grown since. */
  readonly head: Pick<BranchHead, "segment" | "position">;
  /** Where the path is to begin; `null`: as before. */
  readonly floor: Floor | null;
}

/** Several changes in one commit, in order. Their messages are looked up as the thread is before the first. */
export interface BatchCommand {
  readonly type: "batch";
  readonly commands: readonly (
    | SetCommand
    | AppendCommand
    | CompactCommand
    | LinkCommand
    | Extract<Command, { readonly type: "truncate" | "archive" }>
  )[];
}

/** A write by the worker that runs `runId`. Refused with `lease_lost` unless `fence` is the run's newest. */
export interface RunProgressCommand {
  readonly type: "run.progress";
  readonly runId: string;
  readonly fence: number;
  readonly actions: readonly RunAction[];
}

/** Changes the state that the agents of a thread share. */
export interface StatePatchCommand {
  readonly type: "state.patch";
  /** A merge patch: `null` removes a key. */
  readonly patch: JsonObject;
  /** The version of the state that the caller saw, 0 for none; another one is `version_conflict`. */
  readonly expectedState?: number;
}

export type RunAction =
  | { readonly kind: "step.start"; readonly step: Step }
  | { readonly kind: "step.end"; readonly step: Step }
  | {
      readonly kind: "message.open";
      readonly id: string;
      readonly role: Role;
      readonly author: Author;
      readonly stepId?: string;
      readonly model?: string;
    }
  | {
      readonly kind: "message.commit";
      readonly id: string;
      readonly parts: readonly Part[];
      readonly status: MessageStatus;
      readonly reason?: MessageReason;
      readonly model?: string;
      readonly usage?: Usage;
      readonly cost?: Cost;
    }
  | { readonly kind: "message.append"; readonly message: NewMessage }
  /** Asked again under the same id, it stays as it is. */
  | { readonly kind: "action.request"; readonly action: Omit<Action, "status" | "requestedAt"> }
  | { readonly kind: "action.done"; readonly actionId: string }
  | { readonly kind: "signal.take"; readonly signalId: string }
  | { readonly kind: "run.status"; readonly customStatus: Json }
  /** Another agent goes on with the run. */
  | { readonly kind: "run.handover"; readonly agentId: string }
  /** The journal begins anew, with this input. */
  | { readonly kind: "run.continue"; readonly input: Json }
  /** What a run that it called has used. */
  | { readonly kind: "run.called"; readonly usage: Usage; readonly cost: Cost }
  | { readonly kind: "link.add"; readonly link: ThreadLink }
  | { readonly kind: "files"; readonly record: NewFileRecord }
  | { readonly kind: "compact"; readonly compaction: NewCompaction }
  | ({ readonly kind: "state.patch" } & Omit<StatePatchCommand, "type">)
  /** The worker gives the run up, as it is, for whoever claims it next. */
  | { readonly kind: "run.release" }
  | {
      readonly kind: "run.event";
      readonly event: RunEvent;
      readonly error?: RunError;
      /** Ids of decided actions and of events that the worker has looked at and has no use for now. */
      readonly seen?: readonly string[];
    };
