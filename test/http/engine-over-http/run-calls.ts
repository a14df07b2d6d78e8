import type { Engine } from "../../../src/engine/engine.ts";
import type { DecisionInput } from "../../../src/engine/run-calls.ts";
import type { Run } from "../../../src/model/run.ts";
import { inboxItemFromWire, runFromWire, stepFromWire } from "./from-wire.ts";
import { cursorOf, path } from "./remote.ts";
import type { Remote } from "./remote.ts";

type RunCalls = Pick<
  Engine,
  | "runs"
  | "run"
  | "findRun"
  | "steps"
  | "cancelRun"
  | "hasActiveRun"
  | "decide"
  | "sendEvent"
  | "inbox"
  | "state"
  | "patchState"
>;

export function runCalls({ call }: Remote): RunCalls {
  const of = (threadId: string, runId: string, ...parts: readonly string[]): string =>
    path("threads", threadId, "runs", runId, ...parts);
  const run = async (...asked: Parameters<Remote["call"]>): Promise<Run> =>
    runFromWire((await call(...asked)).body);
  return {
    runs: async (id, input = {}, options = {}) => {
      const answer = await call("GET", path("threads", id, "runs"), {
        query: { ...input },
        options,
      });
      return { items: answer.body.map(runFromWire), ...cursorOf(answer) };
    },
    run: (id, runId, options) => run("GET", of(id, runId), { options }),
    findRun: (runId, options) => run("GET", path("runs", runId), { options }),
    steps: async (id, runId, options) =>
      (await call("GET", of(id, runId, "steps"), { options })).body.map(stepFromWire),
    cancelRun: (id, runId, options) => run("POST", of(id, runId, "cancel"), { options }),
    hasActiveRun: async (id, { branch, ...options } = {}) => {
      const answer = await call("GET", path("threads", id, "queue"), {
        query: { branch },
        options,
      });
      return answer.body.length > 0;
    },
    decide: (id, runId, decisions, options) =>
      run("POST", of(id, runId, "decisions"), {
        body: { decisions: decisions.map(decisionToWire) },
        options,
      }),
    sendEvent: (id, runId, { dedupKey: dedup_key, ...event }, options) =>
      run("POST", of(id, runId, "events"), { body: { ...event, dedup_key }, options }),
    inbox: async ({ agentId: agent_id, ...input } = {}, options = {}) => {
      const answer = await call("GET", "/inbox", { query: { ...input, agent_id }, options });
      return { items: answer.body.map(inboxItemFromWire), ...cursorOf(answer) };
    },
    state: async (id, options) =>
      (await call("GET", path("threads", id, "state"), { options })).body,
    patchState: async (id, patch, { expectedState: expected_state, ...options } = {}) => {
      const body = { patch, expected_state };
      return (await call("POST", path("threads", id, "state"), { body, options })).body;
    },
  };
}

function decisionToWire({ actionId: action_id, ...decision }: DecisionInput): object {
  if (decision.decision !== "output") return { action_id, ...decision };
  const { isError: is_error, ...rest } = decision;
  return { action_id, ...rest, is_error };
}
