import type { ForkOrigin, TrimPolicy } from "./entry.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Author, Floor, MessageReason, MessageStatus, NewMessage, Role } from "./message.ts";
import type { Part } from "./part.ts";
import type { MemberRole } from "./principal.ts";
import type { NewRun, RunError, RunEvent, Step } from "./run.ts";
import type { BranchHead, TitleSource } from "./thread.ts";
import type { Cost, Usage } from "./usage.ts";

/** What a caller wants to happen to one thread. `decide` turns it into entries. */
export type Command =
  | CreateCommand
  | SetCommand
  | { readonly type: "archive" }
  | { readonly type: "unarchive" }
  | { readonly type: "delete" }
  | { readonly type: "undelete" }
  | { readonly type: "purge" }
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
  | RunProgressCommand
  | BatchCommand
  | TrimCommand
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
  readonly from?: ForkOrigin;
  /** First messages and run, in the same commit. */
  readonly append?: AppendCommand;
}

export interface SetCommand {
  readonly type: "set";
  readonly title?: string | null;
  readonly titleSource?: TitleSource;
  readonly agentId?: string;
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
    | Extract<Command, { readonly type: "truncate" }>
  )[];
}

/** A write by the worker that runs `runId`. Refused with `lease_lost` unless `fence` is the run's newest. */
export interface RunProgressCommand {
  readonly type: "run.progress";
  readonly runId: string;
  readonly fence: number;
  readonly actions: readonly RunAction[];
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
  /** The worker gives the run up, as it is, for whoever claims it next. */
  | { readonly kind: "run.release" }
  | { readonly kind: "run.event"; readonly event: RunEvent; readonly error?: RunError };
