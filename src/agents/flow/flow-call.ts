import type { Json } from "../../model/json.ts";
import { crashPoint } from "../crash-point.ts";
import { calledIn, callOutcome, requestCall } from "../sub-agent/called-run.ts";
import { settleCalls } from "../sub-agent/deliver.ts";
import { actionFor } from "./flow-action.ts";
import { WAITING } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";
import type { CalledAgent, FlowCallOptions } from "./handler.ts";

/** Has a task done in a thread of its own. What is asked for is in the journal before that thread is made. */
export function callAgent(
  session: FlowSession,
  key: string,
  agentName: string,
  { task, options = {} }: { readonly task: string; readonly options?: FlowCallOptions },
): Promise<CalledAgent> {
  return session.perform(async () => {
    const { services, key: thread, run } = session.flow;
    const before = session.use(key, "agent", agentName);
    if (before?.status === "completed") return calledOf(before.output);
    const { id: actionId, known } = actionFor(session, key);
    if (known === undefined) {
      const branch = options.withHistory === true ? run.branch : undefined;
      const asked = { agentName, task, branch };
      const { called, actions } = requestCall(services, session.run, { actionId }, asked);
      const step = { ...session.step(key, "agent", agentName), called };
      crashPoint("before-call");
      await session.commit([{ kind: "step.start", step }, ...actions]);
    }
    if (known === undefined || known.status === "waiting") {
      await startWaiting(session, actionId);
      return WAITING;
    }
    const ref = calledIn(known);
    const step = session.step(key, "agent", agentName, before);
    // It was told that the call has ended, and nothing of it is left.
    const { called, used } = (await callOutcome(services, thread.tenant, ref)) ?? {
      called: { ...ref, status: "deleted", text: "What it came to is not known." },
      used: [],
    };
    const output: Json = { ...called };
    const settled = { kind: "action.done", actionId } as const;
    await session.commit([session.completed(step, output), settled, ...used]);
    return called;
  });
}

async function startWaiting(session: FlowSession, actionId: string): Promise<void> {
  const { services, key, run } = session.flow;
  const [head] = await services.engine.store.loadHeads([key]);
  const now = head?.activity.runs.find(({ id }) => id === run.id);
  const actions = now?.actions?.filter(({ id }) => id === actionId) ?? [];
  crashPoint("before-called-run");
  if (now !== undefined) await settleCalls(services, key, { ...now, actions });
  crashPoint("after-called-run");
}

function calledOf(output: Json | undefined): CalledAgent {
  // Written above, in this shape.
  return output as unknown as CalledAgent;
}
