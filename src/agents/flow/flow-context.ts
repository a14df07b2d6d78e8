import { isDeepStrictEqual } from "node:util";
import type { Json, JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { checkJsonSize } from "../../model/check-size.ts";
import { callAgent } from "./flow-call.ts";
import { append, messages, sharedState, updateState } from "./flow-say.ts";
import { never } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";
import { flowStep } from "./flow-step.ts";
import { runAgent } from "./flow-turn.ts";
import { askPerson, sleep, waitForEvent } from "./flow-wait.ts";
import type { FlowContext } from "./handler.ts";

/** What a handler is given for one call. */
export function flowContext(session: FlowSession): FlowContext {
  const { key, run, agent } = session.flow;
  return {
    tenant: key.tenant,
    threadId: key.id,
    runId: run.id,
    branch: run.branch,
    userId: run.requestedBy,
    agentName: agent.name,
    signal: session.signal,
    segment: session.run.segment ?? 0,
    input: session.run.input,
    messages: ({ limit } = {}) => session.perform(() => messages(session, limit)),
    append: (name, message) => append(session, name, message),
    step: <T extends Json | undefined | void>(
      ...[name, work, options]: Parameters<FlowContext["step"]>
    ) => flowStep(session, name, work, options) as Promise<T>,
    waitForEvent: (name, event, options) => waitForEvent(session, name, event, options),
    sleep: (name, durationMs) => sleep(session, name, durationMs),
    ask: (name, question) => askPerson(session, name, question),
    runAgent: (name, agentName, options) => runAgent(session, name, agentName, options),
    callAgent: (name, agentName, task, options) =>
      callAgent(session, name, agentName, { task, ...(options && { options }) }),
    setStatus: (status) => session.perform(() => setStatus(session, status)),
    state: {
      get: () => session.perform(() => sharedState(session)),
      patch: (patch, expected) => session.perform(() => patchState(session, patch, expected)),
    },
    updateState: (name, change) => updateState(session, name, change),
    continueAs(input) {
      checkJsonSize({ input }, "input");
      session.leave({ kind: "continues", input });
      return never();
    },
  };
}

/** A handler that repeats what it did before does not say again how it was getting on then. */
async function setStatus(session: FlowSession, customStatus: Json): Promise<void> {
  checkJsonSize(customStatus, "status", LIMITS.customStatusBytes);
  if (session.isBehind || isDeepStrictEqual(session.flow.journal.run.customStatus, customStatus))
    return;
  await session.commit([{ kind: "run.status", customStatus }]);
}

async function patchState(
  session: FlowSession,
  patch: JsonObject,
  expected: number | undefined,
): Promise<number> {
  const expectedState = expected === undefined ? {} : { expectedState: expected };
  await session.commit([{ kind: "state.patch", patch, ...expectedState }]);
  return (await sharedState(session)).version;
}
