import type { Content, Engine, MessageInput, RunInput, WriteOptions } from "../engine/engine.ts";
import type { Message } from "../model/message.ts";
import type { Principal } from "../model/principal.ts";
import type { MultitaskStrategy, Run } from "../model/run.ts";
import type { Thread } from "../model/thread.ts";

import type { Cost, Usage } from "../model/usage.ts";
import type { Duration } from "../model/duration.ts";
import type { Agent } from "./agent.ts";
import type { SweepOptions, SweepReport } from "./lifecycle/sweep-report.ts";
import type { ContextCalls } from "./context/thread-summary.ts";

/** What to answer, as in `respond` and `stream`. */
export interface RespondInput extends Omit<RunInput, "input">, Omit<WriteOptions, "signal"> {
  readonly input: Content | readonly MessageInput[];
  /** Absent: a new thread is created. */
  readonly threadId?: string;
  /** `false`: the agent runs and nothing is stored. What only a stored turn can have, such as `threadId` or `opId`, is then
   *  `invalid_request`. */
  readonly thread?: false;
  /** What to do when `threadId` is unknown. Default `create`. */
  readonly ifMissing?: "create" | "error";
  readonly branch?: string;
  readonly agentId?: string;
  /** Ends the waiting, not the run. */
  readonly signal?: AbortSignal;
}

export interface Response {
  /** `null` when nothing was stored. */
  readonly threadId: string | null;
  readonly run: Run | null;
  /** Everything that the run wrote, in order. */
  readonly messages: readonly Message[];
  /** The text of the last assistant message. */
  readonly text: string;
  readonly usage: Usage;
  readonly cost: Cost;
}

/** Limits a worker to one thread, or to one of its runs: for a process that will not stay to finish what else it took. */
export interface WorkerScope {
  readonly threadId?: string;
  readonly runId?: string;
}

/** What a reader of a run gets. Offsets are UTF-16 units within (message, attempt, part). */
export type RunStreamEvent =
  | { readonly type: "run"; readonly run: Run; readonly position: string }
  | {
      readonly type: "attempt-reset";
      readonly messageId: string;
      readonly attempt: number;
      readonly position: string;
    }
  | {
      readonly type: "delta";
      readonly messageId: string;
      readonly attempt: number;
      readonly part: number;
      readonly kind: "text" | "reasoning" | "tool-input";
      readonly callId?: string;
      readonly name?: string;
      readonly offset: number;
      readonly text: string;
      /** Where a reader that has this event goes on: opaque, ordered. */
      readonly position: string;
    }
  | { readonly type: "message"; readonly message: Message; readonly position: string }
  | { readonly type: "end"; readonly run: Run; readonly position: string };

/** Skein as a library user has it: the engine, plus agents that answer. */
export interface Skein extends Omit<Engine, "as" | "truncate">, ContextCalls, AsyncDisposable {
  as(principal: Partial<Principal>): Skein;
  readonly agents: readonly Agent[];
  /** Name of the agent of threads that name none. */
  readonly defaultAgent: string;
  agent(name: string): Agent;
  /** Stores the input, runs the agent, and answers when the run has ended, or is `requires_action`: then somebody has to decide,
   *  and `waitForRun` or `runStream` tell how it went on. A failed run is thrown as its error. */
  respond(input: RespondInput): Promise<Response>;
  /** Like `respond`, as events. Leaving the loop does not stop the run. */
  stream(input: RespondInput): AsyncIterable<RunStreamEvent>;
  /** The events of a run from `position` on, past and to come, until it ends. Absent: from the start. */
  runStream(
    threadId: string,
    runId: string,
    options?: {
      readonly userId?: string;
      readonly position?: string;
      readonly signal?: AbortSignal;
    },
  ): AsyncIterable<RunStreamEvent>;
  /** Resolves at the end of the run. */
  waitForRun(
    threadId: string,
    runId: string,
    options?: {
      readonly userId?: string;
      readonly signal?: AbortSignal;
      readonly timeoutMs?: number;
    },
  ): Promise<Run>;
  /** Asks the run to stop and, with `wait`, resolves when it has. Partial text is kept.
   *  @throws SkeinError  `timeout` after `timeoutMs` (default 30,000) of waiting; the run goes on stopping */
  cancel(
    threadId: string,
    runId: string,
    options?: WriteOptions & { readonly wait?: boolean; readonly timeoutMs?: number },
  ): Promise<Run>;
  /** Asks an agent to go on, and never waits for its turn: with `cancelIfActive` the run that holds the branch is interrupted,
   *  without it the answer is `run_active`. */
  createRunSafely(
    threadId: string,
    input?: Omit<RunInput, "strategy"> & {
      readonly cancelIfActive?: boolean;
      readonly messages?: readonly MessageInput[];
      readonly branch?: string;
    },
    options?: WriteOptions,
  ): Promise<Run>;
  /** Like the engine's; with the strategy `interrupt` or `rollback` the runs in the way are stopped first. So do `edit` and
   *  `regenerate`, by the strategy of their run. */
  truncate(
    threadId: string,
    messageId: string | null,
    options?: WriteOptions & {
      readonly branch?: string;
      readonly strategy?: MultitaskStrategy;
    },
  ): Promise<Thread>;
  /** Picks up runs that an earlier process left, and starts working on queued ones. `createSkein` does it unless `worker: false`. */
  startWorker(only?: WorkerScope): Promise<void>;
  /** Ends threads whose time is over, and carries out the policies. For who has all rights in the store; of all tenants. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
  /** Sweeps every `everyMs` (default 60,000) until it is told to stop; does not keep the process alive. What fails is tried
   *  again the next time, and reported as other faults are. */
  startSweeper(everyMs?: number): () => Promise<void>;
  /** Deletes the threads of the tenant that were not changed for a time, default 24 h. Held ones stay. */
  cleanupOldThreads(
    options?: SweepOptions & { readonly olderThan?: Duration },
  ): Promise<SweepReport>;
  /** Takes no new runs; waits for the running ones up to `graceMs` (default 10,000), then gives them up: another process may take them at once. */
  drain(graceMs?: number): Promise<void>;
}
