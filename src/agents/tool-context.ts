import { checkJsonSize } from "../model/check-size.ts";
import { SkeinError } from "../model/error.ts";
import type { ToolOutput } from "../model/part.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Engine } from "../engine/engine.ts";
import type { SuspendRequest, ToolContext } from "./agent.ts";
import type { RunJournal } from "./run-journal.ts";
import type { SharedState } from "./shared-state.ts";

export interface ToolCaller {
  readonly key: ThreadKey;
  readonly run: Pick<Run, "id" | "requestedBy">;
  readonly agentName: string;
  readonly callId: string;
  readonly stepId?: string;
  readonly signal: AbortSignal;
  readonly answer?: ToolOutput | undefined;
  /** Hears what the call asks for. Absent: it may not ask now. */
  readonly onSuspend?: (request: SuspendRequest) => void;
}

/** What a tool of a stored run is given. */
export function toolContext(
  { store }: Pick<Engine, "store">,
  journal: RunJournal,
  { key, run, agentName, callId, stepId, signal, answer, onSuspend }: ToolCaller,
): ToolContext {
  const get: SharedState["get"] = async () => {
    const [head] = await store.loadHeads([key]);
    const { state = {}, stateVersion = 0 } = head?.profile ?? {};
    return { value: state, version: stateVersion };
  };
  return {
    tenant: key.tenant,
    threadId: key.id,
    runId: run.id,
    callId,
    agentName,
    idempotencyKey: idempotencyKeyOf(run.id, callId),
    userId: run.requestedBy,
    signal,
    ...(answer && { answer }),
    suspend(request) {
      if (onSuspend === undefined) throw unsupported("Only a tool at work can be suspended.");
      checkSuspend(request);
      onSuspend(request);
      throw new SkeinError("aborted", "The call is suspended.");
    },
    recordFiles: (record) => {
      const isOfStep = record.phase === "begin" && stepId !== undefined;
      const placed = isOfStep ? { ...record, stepId } : record;
      return journal.commit([{ kind: "files", record: placed }]);
    },
    setStatus: (customStatus) => journal.commit([{ kind: "run.status", customStatus }]),
    state: {
      get,
      async patch(patch, expectedState) {
        const expected = expectedState === undefined ? {} : { expectedState };
        await journal.commit([{ kind: "state.patch", patch, ...expected }]);
        return (await get()).version;
      },
    },
  };
}

/** What a tool is given where nothing is stored: there is nobody to ask and nothing to share. */
export function unstoredToolContext(
  caller: Pick<ToolContext, "tenant" | "callId" | "agentName" | "userId" | "signal">,
  runId: string,
): ToolContext {
  const refuse = (): never => {
    throw unsupported("This takes a thread, and the run has none.");
  };
  const state: SharedState = { get: async () => refuse(), patch: async () => refuse() };
  return {
    ...caller,
    threadId: null,
    runId: null,
    idempotencyKey: idempotencyKeyOf(runId, caller.callId),
    suspend: refuse,
    setStatus: async () => refuse(),
    recordFiles: async () => refuse(),
    state,
  };
}

function idempotencyKeyOf(runId: string, callId: string): string {
  return `${runId}:tool:${callId}`;
}

function checkSuspend({ kind, prompt, data, timeoutMs }: SuspendRequest): void {
  if (kind !== "input" && kind !== "auth" && kind !== "external")
    throw new SkeinError("invalid_request", "suspend.kind must be input, auth or external.");
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs >= 1))
    throw new SkeinError("invalid_request", "suspend.timeoutMs must be a whole number from 1.");
  checkJsonSize({ prompt: prompt ?? null, data: data ?? null }, "suspend");
}

function unsupported(message: string): SkeinError {
  return new SkeinError("unsupported_capability", message);
}
