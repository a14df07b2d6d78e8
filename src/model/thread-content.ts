import type { JsonObject } from "./json.ts";
import type { MessageBody } from "./message.ts";
import type { Run } from "./run.ts";
import type { BranchHead } from "./thread.ts";

/** What a thread says, wherever it was kept: without places, which are found anew where it is brought to. */
export interface ThreadContent {
  readonly createdAt: number;
  readonly isArchived: boolean;
  /** What the agents of the thread share. */
  readonly state: JsonObject;
  /** Every parent is among them, and no message follows on itself. */
  readonly messages: readonly BroughtMessage[];
  /** `main` first; a branch comes behind the one that it came from. */
  readonly branches: readonly BroughtBranch[];
  /** Runs that have ended, the oldest first. */
  readonly runs: readonly BroughtRun[];
  /** Where it comes from, for the log. */
  readonly origin: JsonObject;
}

export interface BroughtMessage extends MessageBody {
  readonly status: "completed" | "incomplete" | "failed";
  readonly parentId: string | null;
  readonly turnId?: string;
  readonly createdAt: number;
  readonly redacted?: true;
  /** True when it was chosen by a caller: then it is checked against every id of the tenant. */
  readonly isGivenId: boolean;
}

export interface BroughtBranch extends Pick<BranchHead, "name" | "reason" | "createdAt"> {
  readonly of?: string;
  /** Its head; `null` for an empty one. */
  readonly messageId: string | null;
}

export type BroughtRun = Pick<
  Run,
  | "id"
  | "agentId"
  | "branch"
  | "status"
  | "model"
  | "instructions"
  | "metadata"
  | "turnId"
  | "createdAt"
  | "startedAt"
  | "endedAt"
  | "error"
  | "usage"
  | "cost"
  | "called"
  | "customStatus"
  | "lastMessageId"
>;
