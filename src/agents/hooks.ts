import type { ToolCallPart } from "../model/part.ts";
import type { Run } from "../model/run.ts";

/** What a hook knows of the run. Thread and run are `null` when nothing is stored. */
export interface HookContext {
  readonly tenant: string;
  readonly threadId: string | null;
  readonly runId: string | null;
  /** The agent that is at work. */
  readonly agentName: string;
  /** Who asked for the run. */
  readonly userId: string;
  readonly signal: AbortSignal;
}

/** What a hook says to a tool call: carry it out without asking, ask a person first, or leave it. */
export type ToolVerdict =
  | { readonly type: "allow" }
  | { readonly type: "ask"; readonly prompt?: string }
  | { readonly type: "deny"; readonly reason?: string };

/** Functions of the process that work on runs. Those of `createSkein` come before those of the agent. */
export interface Hooks {
  /** Before the first step of a run; again if the process dies before that step is in the journal. What it throws fails the run. */
  beforeRun?(context: HookContext): void | Promise<void>;
  /** Once for every call of a tool whose arguments are valid, before anybody is asked about it. The first hook with a verdict
   *  decides; without one the tool and the agent do. What it throws is the call's result, and the tool does not run. */
  beforeTool?(
    call: ToolCallPart,
    context: HookContext,
  ): void | ToolVerdict | Promise<void | ToolVerdict>;
  /** After this process has ended a run that it worked on. Not when the run ended while nobody worked on it. What it throws
   *  goes to `onError`. */
  afterRun?(run: Run, context: HookContext): void | Promise<void>;
}
