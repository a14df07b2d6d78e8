import type { RunAction } from "../model/command.ts";
import type { ToolCallPart, ToolResultPart } from "../model/part.ts";
import type { Step } from "../model/run.ts";
import type { Tool } from "./agent.ts";
import { crashPoint } from "./crash-point.ts";
import { executeTool, interruptedTool, isIdempotent } from "./execute-tool.ts";
import { MODEL_ATTEMPTS } from "./next-step.ts";
import type { RunContext } from "./run-context.ts";
import type { RunState } from "./run-state.ts";
import { toolContext } from "./tool-context.ts";

interface Job {
  readonly call: ToolCallPart;
  readonly tool: Tool | undefined;
  readonly step: ToolStep;
  /** The step was begun before and its outcome is not known. */
  readonly wasInterrupted: boolean;
}

type ToolStep = Step & { readonly messageId: string };

/** Answers the next open calls: one unsafe call, or all idempotent ones up to the next unsafe one, at the same time. The
 *  intent is in the journal before a tool runs; results are committed together, in the order of the calls. */
export async function runToolStep(
  context: RunContext,
  state: RunState,
  calls: readonly ToolCallPart[],
): Promise<void> {
  const { journal, stop } = context;
  const jobs = nextBatch(calls.map((call) => jobFor(context, state, call)));
  const toRun = jobs.filter(mayRun);
  if (toRun.length > 0) {
    crashPoint("before-tool-intent");
    await journal.commit(toRun.map(({ step }) => ({ kind: "step.start", step })));
    crashPoint("after-tool-intent");
  }
  const results = await Promise.all(jobs.map((job) => resultOf(context, job)));
  // Whoever goes on with the run finds the intent, and decides.
  if (stop.cause === "abandoned") return;
  const actions = jobs.flatMap((job, index) => outcomeOf(context, job, results[index]));
  crashPoint("before-tool-result");
  await journal.commit(actions);
  crashPoint("after-tool-result");
}

function jobFor({ services, agent, run }: RunContext, state: RunState, call: ToolCallPart): Job {
  const key = `tool:${call.callId}`;
  const before = state.steps.find((step) => step.key === key);
  return {
    call,
    tool: agent.tools?.find(({ name }) => name === call.name),
    wasInterrupted: before !== undefined,
    step: {
      runId: run.id,
      key,
      id: before?.id ?? services.ids("step"),
      kind: "tool",
      name: call.name,
      agentId: agent.name,
      attempt: (before?.attempt ?? 0) + 1,
      fence: run.fence,
      status: "running",
      messageId: before?.messageId ?? services.ids("msg"),
      startedAt: services.clock(),
    },
  };
}

function nextBatch(jobs: readonly Job[]): readonly Job[] {
  const unsafe = jobs.findIndex(({ tool }) => !isIdempotent(tool));
  if (unsafe === -1) return jobs;
  return jobs.slice(0, Math.max(1, unsafe));
}

/** What was interrupted runs again only if that does no harm, and not for ever. */
function mayRun({ tool, step, wasInterrupted }: Job): boolean {
  return !wasInterrupted || (isIdempotent(tool) && step.attempt <= MODEL_ATTEMPTS);
}

async function resultOf(context: RunContext, job: Job): Promise<ToolResultPart> {
  const { services, key, run, agent, journal, stop } = context;
  const { call, tool } = job;
  if (!mayRun(job)) return interruptedTool(tool, call);
  crashPoint("before-tool");
  const caller = { key, run, agentName: agent.name, callId: call.callId, signal: stop.signal };
  const given = toolContext(services.engine, journal, caller);
  const result = await executeTool(agent.tools ?? [], call, given);
  crashPoint("after-tool");
  return result;
}

function outcomeOf(
  { services }: RunContext,
  { step }: Job,
  result: ToolResultPart | undefined,
): readonly RunAction[] {
  if (result === undefined) return [];
  const { messageId: id } = step;
  const status =
    result.outcome === "ok" ? "completed" : result.outcome === "cancelled" ? "cancelled" : "failed";
  return [
    {
      kind: "message.append",
      message: { id, role: "tool", parts: [result], stepId: step.id },
    },
    { kind: "step.end", step: { ...step, status, endedAt: services.clock() } },
  ];
}
