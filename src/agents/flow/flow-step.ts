import { checkJsonSize } from "../../model/check-size.ts";
import { SkeinError } from "../../model/error.ts";
import type { RunAction } from "../../model/command.ts";
import type { Json } from "../../model/json.ts";
import type { ToolOutput } from "../../model/part.ts";
import type { Step } from "../../model/run.ts";
import { crashPoint } from "../crash-point.ts";
import { actionFor } from "./flow-action.ts";
import { WAITING } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";
import type { FlowStepContext, FlowStepOptions } from "./handler.ts";

type Work = (step: FlowStepContext) => unknown;

/** Does something once, as far as the world allows: the intent is in the journal before, the outcome after. */
export function flowStep(
  session: FlowSession,
  key: string,
  work: Work,
  { effect = "idempotent", name = key }: FlowStepOptions = {},
): Promise<Json | undefined> {
  return session.perform(async () => {
    const before = session.use(key, "task", name);
    if (before?.status === "completed") return before.output;
    if (before?.status === "failed") throw stepFailed(before);
    const step = session.step(key, "task", name, before);
    if (before === undefined || effect === "idempotent") return carryOut(session, step, work, []);
    return afterInterruption(session, key, step, work);
  });
}

async function carryOut(
  session: FlowSession,
  step: Step,
  work: Work,
  first: readonly RunAction[],
): Promise<Json | undefined> {
  crashPoint("before-task-intent");
  await session.commit([...first, { kind: "step.start", step }]);
  crashPoint("after-task-intent");
  const idempotencyKey = `${step.runId}:${session.run.journalFrom ?? 0}:${step.key}`;
  let output: Json | undefined;
  try {
    const { attempt } = step;
    output = stored(await work({ attempt, idempotencyKey, signal: session.signal }));
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return fail(session, step, reason);
  }
  crashPoint("before-task-result");
  await session.commit([session.completed(step, output)]);
  crashPoint("after-task-result");
  return output;
}

/** An unsafe step was begun, and nobody knows what came of it. */
async function afterInterruption(
  session: FlowSession,
  key: string,
  step: Step,
  work: Work,
): Promise<Json | undefined | typeof WAITING> {
  // Each interruption is a question of its own.
  const action = actionFor(session, key, step.attempt - 1);
  if (action.known === undefined) {
    const prompt = `The step ${step.name} was interrupted. Was it carried out?`;
    await session.commit([
      {
        kind: "action.request",
        action: { id: action.id, kind: "verify", name: step.name, prompt },
      },
    ]);
  }
  const { decision } = action.known ?? {};
  const settle = { kind: "action.done", actionId: action.id } as const;
  switch (decision?.type) {
    case "approve":
      return carryOut(session, step, work, [settle]);
    case "output": {
      if (decision.outcome === "error") return fail(session, step, textOf(decision.output), settle);
      const output = jsonOf(decision.output);
      await session.commit([session.completed(step, output), settle]);
      return output;
    }
    case "deny":
      return fail(session, step, decision.reason ?? "It was not carried out.", settle);
    default:
      return WAITING;
  }
}

async function fail(
  session: FlowSession,
  step: Step,
  message: string,
  ...more: readonly RunAction[]
): Promise<never> {
  const failed: Step = {
    ...step,
    status: "failed",
    endedAt: session.flow.services.clock(),
    error: { code: "step_failed", message: message.slice(0, 2_000) },
  };
  await session.commit([{ kind: "step.end", step: failed }, ...more]);
  throw stepFailed(failed);
}

/** The same error the first time and whenever the handler is called again. */
function stepFailed({ name, error }: Step): SkeinError {
  return new SkeinError("step_failed", `Step ${name}: ${error?.message ?? "It failed."}`, {
    details: { step: name },
  });
}

/** As it will be when it is read back. */
function stored(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError("What a step answers must be JSON.");
  const output: Json = JSON.parse(text);
  checkJsonSize({ output }, "output");
  return output;
}

function jsonOf(output: ToolOutput): Json {
  return output.type === "json" ? output.value : output.text;
}

function textOf(output: ToolOutput): string {
  return output.type === "json" ? JSON.stringify(output.value) : output.text;
}
