import type { Decision } from "../model/action.ts";
import type { Command, RunProgressCommand } from "../model/command.ts";
import type { Run } from "../model/run.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";
import type { StoredRun } from "../store/store.ts";
import type { ForeignListener } from "./foreign.ts";
import type { WriteOptions } from "./call.ts";
import type { AgentCall } from "./agent-call.ts";

/** What a worker may do to the thread of its run. */
export interface RunWriter {
  /** Takes a queued run, or one whose worker is dead, which the caller has made sure of. With the fence that the caller saw,
   *  `lease_lost` when another worker took it since. */
  claim(tenant: string, threadId: string, runId: string, fence?: number): Promise<Run>;
  /** Written once, also when the store is busy or away for some seconds meanwhile. */
  progress(
    tenant: string,
    threadId: string,
    command: Omit<RunProgressCommand, "type">,
  ): Promise<Run>;
  appendChunks(tenant: string, threadId: string, chunks: readonly Chunk[]): Promise<void>;
  listChunks(tenant: string, threadId: string, messageId: string): Promise<readonly Chunk[]>;
  /** Runs of all tenants that a worker can claim, or has claimed, oldest first. */
  listRunnable(): Promise<readonly StoredRun[]>;
  /** Runs that nobody works on and that have to be looked at until `by`, earliest first. */
  listDue(by: number, limit: number): Promise<readonly StoredRun[]>;
  /** Runs that wait for a run that they called. */
  listCalling(): Promise<readonly StoredRun[]>;
  /** Decides what is due of what a run waits for, and ends it if its time is over. Does nothing when nothing is. */
  wake(tenant: string, threadId: string, runId: string): Promise<void>;
  /** Makes the thread of a call and asks for its run, unless that was done before. */
  callAgent(tenant: string, call: AgentCall): Promise<void>;
  /** Tells a calling run what came of a call. */
  decideCall(
    tenant: string,
    caller: { readonly threadId: string; readonly runId: string },
    actionId: string,
    decision: Decision,
  ): Promise<void>;
  /** Archives, deletes or erases a thread because its time is over, for a reason that its log tells. */
  retire(
    key: ThreadKey,
    command: Extract<Command, { type: "archive" | "delete" | "purge" }>,
    options: WriteOptions,
  ): Promise<void>;
  /** Stops a run that was called. One that has ended stays as it is. */
  cancelCalled(
    tenant: string,
    called: { readonly threadId: string; readonly runId: string },
  ): Promise<void>;
  /** Live chunks as they are appended in this process. */
  onChunks(
    listener: (tenant: string, threadId: string, chunks: readonly Chunk[]) => void,
  ): () => void;
  /** What other processes on the store do, as far as it is told. */
  listenToOthers(listener: ForeignListener): () => void;
}
