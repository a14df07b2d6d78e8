import type { RunAction } from "../../model/command.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { Run, Step } from "../../model/run.ts";
import { crashPoint } from "../crash-point.ts";
import { endEarly, failure, stopEnd } from "../end-early.ts";
import { loadRunState } from "../run-state.ts";
import type { RunState } from "../run-state.ts";
import { stopCalled } from "../sub-agent/deliver.ts";
import { flowContext } from "./flow-context.ts";
import { partsOf } from "./flow-say.ts";
import { FlowSession } from "./flow-session.ts";
import type { FlowOutcome, FlowRun } from "./flow-session.ts";
import type { AgentHandler, FlowResult } from "./handler.ts";

type Returned = Extract<FlowOutcome, { kind: "returned" }>;

/** Carries out the run of an agent that is a function, until it ends or waits: calls the function, and again for every segment
 *  that it continues as. */
export async function runHandler(flow: FlowRun, handler: AgentHandler): Promise<void> {
  const { services, key, run, stop } = flow;
  for (;;) {
    const state = await loadRunState(services.engine, key, run);
    if (state === undefined || stop.cause === "abandoned") return;
    if (stop.cause !== undefined || state.run.status === "cancelling")
      return endEarly(flow, state, stopEnd(stop.cause));
    // What it does belongs to the segment that it is in now.
    const { session, outcome } = await call({ ...flow, run: state.run }, handler, state);
    switch (outcome.kind) {
      case "returned":
        return finish(flow, session, outcome);
      case "failed":
        return fail(flow, outcome.error);
      case "waits":
        crashPoint("before-wait");
        await flow.journal.commit([
          { kind: "run.event", event: "require_action", seen: seenIn(state.run) },
        ]);
        crashPoint("after-wait");
        return;
      case "continues": {
        crashPoint("before-continue");
        const rest = await leftOver(flow);
        await flow.journal.commit([...rest, { kind: "run.continue", input: outcome.input }]);
        crashPoint("after-continue");
        if (rest.length > 0) await stopCalled(services, key, state.run);
        continue;
      }
      case "lost":
        if (isSkeinError(outcome.error)) throw outcome.error;
        return;
      case "stopped":
        // The reason is looked at above.
        continue;
    }
  }
}

/** What the function could have used when it was called. A changed one may ask for something else: then the old answer must not
 *  wake it again and again. */
function seenIn({ actions = [], signals = [] }: Run): readonly string[] {
  const decided = actions.filter(({ status }) => status === "decided");
  return [...decided, ...signals].map(({ id }) => id);
}

/** Calls the function once; resolves when nothing is written any more. */
async function call(
  flow: FlowRun,
  handler: AgentHandler,
  { run, steps }: RunState,
): Promise<{ readonly session: FlowSession; readonly outcome: FlowOutcome }> {
  const session = new FlowSession(flow, run, steps);
  const context = flowContext(session);
  const returned = Promise.resolve().then(() => handler(context));
  returned.then(
    (result) => session.leave({ kind: "returned", result }),
    (error: unknown) => session.end({ kind: "failed", error }),
  );
  return { session, outcome: await session.outcome() };
}

/** What the function returned is the last message; with it the run is done. */
async function finish(flow: FlowRun, session: FlowSession, { result }: Returned): Promise<void> {
  let said: readonly RunAction[];
  try {
    said = answer(flow, session, result);
  } catch (error) {
    return fail(flow, error);
  }
  const rest = await leftOver(flow);
  crashPoint("before-final");
  await flow.journal.commit([...said, ...rest, { kind: "run.event", event: "complete" }]);
  crashPoint("after-final");
  if (rest.length > 0) await stopCalled(flow.services, flow.key, flow.run);
}

function answer(
  { services, agent }: FlowRun,
  session: FlowSession,
  result: FlowResult,
): readonly RunAction[] {
  if (result === undefined || result === "") return [];
  const id = services.ids("msg");
  // No key of the function's is like it.
  const step: Step = { ...session.step("", "task", "answer"), key: "answer", messageId: id };
  const message = {
    id,
    role: "assistant",
    parts: partsOf(result),
    author: { kind: "agent", id: agent.name },
    stepId: step.id,
  } as const;
  return [{ kind: "message.append", message }, session.completed(step)];
}

/** What the function began and did not wait for. */
async function leftOver({ services, key, run }: FlowRun): Promise<readonly RunAction[]> {
  const state = await loadRunState(services.engine, key, run);
  const endedAt = services.clock();
  return (state?.steps ?? []).flatMap((step) =>
    step.status === "running"
      ? [{ kind: "step.end" as const, step: { ...step, status: "cancelled" as const, endedAt } }]
      : [],
  );
}

async function fail(flow: FlowRun, error: unknown): Promise<void> {
  const state = await loadRunState(flow.services.engine, flow.key, flow.run);
  if (state === undefined) return;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  const known = isSkeinError(error)
    ? error
    : new SkeinError("step_failed", `${flow.agent.name}: ${reason}`.slice(0, 2_000));
  await endEarly(flow, state, failure(known));
}
