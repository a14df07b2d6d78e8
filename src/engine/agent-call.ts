import type { RunParent } from "../model/run.ts";

/** A task for another agent, on behalf of a run. */
export interface AgentCall {
  readonly threadId: string;
  readonly runId: string;
  readonly agentId: string;
  readonly task: string;
  /** The thread begins with what this branch of the caller says, and the task is its title only. Default: with the task. */
  readonly branch?: string;
  readonly parent: RunParent;
  /** Who asked for the calling run. */
  readonly user: string;
}
