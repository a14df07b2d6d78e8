import { SkeinError } from "../../model/error.ts";
import { agent } from "../agent.ts";
import type { Agent } from "../agent.ts";
import { invalid } from "./flow-session.ts";
import type { FlowContext } from "./handler.ts";

/** One thing of a workflow: an agent by its name, agents at once, or a function that does something with the run's context. */
export type WorkflowStep =
  | string
  | { readonly agent: string; readonly instructions?: string }
  | Parallel
  | ((context: FlowContext) => Promise<void> | void);

export interface Parallel {
  readonly parallel: readonly string[];
}

export interface WorkflowOptions {
  /** Default `workflow`. */
  readonly name?: string;
  readonly description?: string;
  readonly steps: readonly WorkflowStep[];
}

/** Agents that answer at the same time, each knowing what was said before them and nothing of the others. */
export function parallel(agents: readonly string[]): Parallel {
  return { parallel: agents };
}

/** An agent that has other agents speak, one after another, each knowing what was said before it. Every step is journaled, so a
 *  workflow that was interrupted goes on behind its last step. Agents at once work in forks of the thread; what each of them said
 *  last is added to the thread in their order. An agent that fails fails the workflow.
 *  @throws SkeinError  `invalid_request` without steps, or with agents at once of which there are none */
export function workflow(input: WorkflowOptions | readonly WorkflowStep[]): Agent {
  const options: WorkflowOptions = isList(input) ? { steps: input } : input;
  const { name = "workflow", description, steps } = options;
  if (!isList(steps) || steps.length === 0) throw invalid("workflow.steps must be one or more.");
  for (const step of steps)
    if (isParallel(step) && step.parallel.length === 0)
      throw invalid("workflow.steps must not have parallel steps without agents.");
  return agent({
    name,
    ...(description !== undefined && { description }),
    async handler(context) {
      for (const [index, step] of steps.entries()) await take(context, `step.${index + 1}`, step);
    },
  });
}

async function take(context: FlowContext, key: string, step: WorkflowStep): Promise<void> {
  if (typeof step === "function") return step(context);
  if (isParallel(step)) return takeAtOnce(context, key, step);
  if (typeof step === "string") {
    await context.runAgent(key, step);
    return;
  }
  const { agent: name, instructions } = step;
  await context.runAgent(key, name, instructions === undefined ? {} : { instructions });
}

async function takeAtOnce(
  { callAgent, append, agentName }: FlowContext,
  key: string,
  { parallel: names }: Parallel,
): Promise<void> {
  const called = await Promise.all(
    names.map((name, index) =>
      callAgent(`${key}.${index + 1}`, name, `${name} in ${agentName}`, { withHistory: true }),
    ),
  );
  for (const [index, { status, text }] of called.entries()) {
    const name = names[index] ?? "";
    if (status !== "completed") throw new SkeinError("step_failed", `${name}: ${text}`);
    if (text !== "") await append(`${key}.${index + 1}.said`, { content: text, author: name });
  }
}

function isParallel(step: WorkflowStep): step is Parallel {
  return typeof step === "object" && "parallel" in step;
}

function isList<T>(value: T | readonly WorkflowStep[]): value is readonly WorkflowStep[] {
  return Array.isArray(value);
}
