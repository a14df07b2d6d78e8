import type { Action, ActionKind } from "../model/action.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Run, Step } from "../model/run.ts";
import type { Thread } from "../model/thread.ts";
import type { CallOptions, Page, RunInput, WriteOptions } from "./call.ts";

/** What somebody says to an action of a run. */
export type DecisionInput = { readonly actionId: string } & (
  | {
      readonly decision: "approve";
      /** Arguments instead of those that the model chose. */
      readonly input?: Json;
    }
  | { readonly decision: "deny"; readonly reason?: string }
  | { readonly decision: "output"; readonly output: Json; readonly isError?: boolean }
);

export interface RunEventInput {
  /** 1 to 128 characters of one line. */
  readonly name: string;
  /** At most 32 KiB as JSON; name larger things instead of sending them. Default `null`. */
  readonly payload?: Json;
  /** The same key again for the same run, from whomever: it was delivered already. */
  readonly dedupKey?: string;
}

export interface InboxInput {
  /** Threads looked at, default 50. */
  readonly limit?: number;
  readonly cursor?: string;
  readonly kind?: ActionKind;
  readonly agentId?: string;
}

/** Something that waits for a person. */
export interface InboxItem {
  readonly threadId: string;
  readonly threadTitle: string | null;
  readonly runId: string;
  readonly agentId: string;
  /** Who asked for the run. */
  readonly requestedBy: string;
  readonly action: Action;
}

/** Who does the task of a sub-agent's thread, and whether at once. */
export interface SubAgentInput {
  /** Default: the agent of the parent. */
  readonly agentId?: string;
  /** Asks for an answer to the task, in the same commit. */
  readonly run?: RunInput;
}

/** What the agents of a thread share. */
export interface SharedState {
  readonly value: JsonObject;
  /** 0 before the first change; then the thread's version at the newest one. */
  readonly version: number;
}

/** What can be done with the runs of threads. */
export interface RunCalls {
  runs(
    threadId: string,
    input?: { readonly limit?: number; readonly cursor?: string },
    options?: CallOptions,
  ): Promise<Page<Run>>;
  run(threadId: string, runId: string, options?: CallOptions): Promise<Run>;
  /** A run by its id alone. */
  findRun(runId: string, options?: CallOptions): Promise<Run>;
  steps(threadId: string, runId: string, options?: CallOptions): Promise<readonly Step[]>;
  /** Whether a run holds the branch, default `main`, or waits for it. */
  hasActiveRun(
    threadId: string,
    options?: CallOptions & { readonly branch?: string },
  ): Promise<boolean>;
  /** Asks a run to stop. A queued run ends at once; a running one becomes `cancelling`. */
  cancelRun(threadId: string, runId: string, options?: WriteOptions): Promise<Run>;
  /** Decides what a run asks for, all of it or nothing. The run goes on once there is something for it to do. The same decision
   *  again changes nothing, also after the run has ended.
   *  @throws SkeinError  `action_not_found`; `action_decided` when it was decided otherwise; `run_ended`; `invalid_request`
   *  for a decision that the action does not take; `limit_exceeded` above 32 KiB, or 1,000,000 characters for a tool's output */
  decide(
    threadId: string,
    runId: string,
    decisions: readonly DecisionInput[],
    options?: WriteOptions,
  ): Promise<Run>;
  /** Tells a run something, whether it waits for it already or not. It is taken once.
   *  @throws SkeinError  `run_ended`; `limit_exceeded` while 100 events wait */
  sendEvent(
    threadId: string,
    runId: string,
    event: RunEventInput,
    options?: CallOptions,
  ): Promise<Run>;
  /** What waits for a person in all threads that the caller may see, the most recently active thread first and archived threads
   *  last. A page has what `limit` threads ask for. */
  inbox(input?: InboxInput, options?: CallOptions): Promise<Page<InboxItem>>;
  state(threadId: string, options?: CallOptions): Promise<SharedState>;
  /** A merge patch: `null` removes a key. With `expectedState`, `version_conflict` unless the state is at this version. */
  patchState(
    threadId: string,
    patch: JsonObject,
    options?: WriteOptions & { readonly expectedState?: number },
  ): Promise<SharedState>;
  /** Makes a thread for a task beside the one that it belongs to: its title is `Task: …`, its first message the task, said by the
   *  caller. It belongs and shows to whom the parent does, has its environment, and each names the other.
   *  @throws SkeinError  `thread_not_found` for an unknown parent, `forbidden` for a viewer of it */
  spawnSubAgentThread(
    parentId: string,
    task: string,
    options?: WriteOptions & SubAgentInput,
  ): Promise<Thread>;
}
