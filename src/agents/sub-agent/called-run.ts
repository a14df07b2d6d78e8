import { digestOf } from "../../engine/digest.ts";
import type { Action } from "../../model/action.ts";
import type { RunAction } from "../../model/command.ts";
import { SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { textOf } from "../../model/part.ts";
import { isEnded } from "../../model/run-transitions.ts";
import type { Run } from "../../model/run.ts";
import { addCost, addUsage } from "../../model/usage.ts";
import { SUB_AGENT } from "../../engine/sub-agents.ts";
import type { ThreadKey } from "../../store/key.ts";
import type { CalledAgent } from "../flow/handler.ts";
import type { RunServices } from "../run-context.ts";

/** The thread and the run of a call. Every attempt of the call finds the same. */
export interface CalledRef {
  readonly threadId: string;
  readonly runId: string;
}

/** What a call asks for. */
export interface CallRequest {
  readonly agentName: string;
  readonly task: string;
  /** The agent gets what this branch says, too. */
  readonly branch?: string | undefined;
}

type Caller = Pick<Run, "id" | "parent" | "journalFrom">;

function calledRef(run: Pick<Run, "id" | "journalFrom">, actionId: string): CalledRef {
  // A journal that began anew may use the same ids.
  const digest = digestOf([run.id, run.journalFrom ?? 0, actionId]).slice(0, 32);
  return { threadId: `th_${digest}`, runId: `run_${digest}` };
}

/** What a run that calls an agent journals before it does: what it waits for, and where that happens.
 *  @throws SkeinError  `agent_not_found`; `limit_exceeded` when agents call agents too deep */
export function requestCall(
  { agents }: Pick<RunServices, "agents">,
  run: Caller,
  { actionId, ...about }: { readonly actionId: string } & Pick<Action, "callId" | "callMessageId">,
  { agentName, task, branch }: CallRequest,
): { readonly called: CalledRef; readonly actions: readonly RunAction[] } {
  agents.get(agentName);
  const depth = depthOf(run);
  if (depth > LIMITS.runDepth)
    throw new SkeinError(
      "limit_exceeded",
      `Agents can call agents at most ${LIMITS.runDepth} deep.`,
      { details: { limit: LIMITS.runDepth } },
    );
  const called = calledRef(run, actionId);
  const data: JsonObject = {
    thread_id: called.threadId,
    run_id: called.runId,
    task,
    ...(branch !== undefined && { branch }),
  };
  const link = { kind: SUB_AGENT, threadId: called.threadId, data: { run_id: run.id } };
  return {
    called,
    actions: [
      {
        kind: "action.request",
        action: {
          id: actionId,
          kind: "run",
          name: agentName,
          data,
          ...about,
        },
      },
      { kind: "link.add", link },
    ],
  };
}

/** Makes what a run waits for: the threads of its calls that are not there yet. */
export async function startCalls(
  { engine }: Pick<RunServices, "engine">,
  key: ThreadKey,
  run: Run,
): Promise<void> {
  for (const action of run.actions ?? []) {
    if (action.kind !== "run" || action.status !== "waiting") continue;
    const called = calledIn(action);
    const { task, branch } = action.data ?? {};
    await engine.worker.callAgent(key.tenant, {
      ...called,
      agentId: action.name,
      task: typeof task === "string" ? task : "",
      ...(typeof branch === "string" && { branch }),
      user: run.requestedBy,
      parent: { threadId: key.id, runId: run.id, actionId: action.id, depth: depthOf(run) },
    });
  }
}

/** How a call ended, and what it costs the caller; `undefined` while it goes on. */
export async function callOutcome(
  { engine }: Pick<RunServices, "engine">,
  tenant: string,
  { threadId, runId }: CalledRef,
): Promise<{ readonly called: CalledAgent; readonly used: readonly RunAction[] } | undefined> {
  const { store } = engine;
  const key = { tenant, id: threadId };
  const [head] = await store.loadHeads([key]);
  // It is not made yet.
  if (head == null) return undefined;
  const run = head.profile.purgedAt === null ? await store.loadRun(key, runId) : null;
  if (run === null || (head.profile.deletedAt !== null && !isEnded(run.status))) {
    const text = "The thread of the call was deleted.";
    return { called: { threadId, runId, status: "deleted", text }, used: [] };
  }
  const { status } = run;
  if (!hasEnded(status)) return undefined;
  const text = status === "completed" ? await answerOf(store, key, run) : reasonOf(run);
  return { called: { threadId, runId, status, text }, used: [usageOf(run)] };
}

/** Where the run is that an action waits for. */
export function calledIn({ data = {} }: Pick<Action, "data">): CalledRef {
  const { thread_id: threadId, run_id: runId } = data;
  return {
    threadId: typeof threadId === "string" ? threadId : "",
    runId: typeof runId === "string" ? runId : "",
  };
}

function depthOf({ parent }: Pick<Run, "parent">): number {
  return (parent?.depth ?? 0) + 1;
}

type Ended = Exclude<CalledAgent["status"], "deleted">;

function hasEnded(status: Run["status"]): status is Ended {
  return isEnded(status);
}

async function answerOf(
  store: Pick<RunServices["engine"]["store"], "loadMessages">,
  key: ThreadKey,
  { lastMessageId }: Run,
): Promise<string> {
  if (lastMessageId === undefined) return "";
  const [message] = await store.loadMessages(key, [lastMessageId]);
  return textOf(message?.parts ?? []);
}

function reasonOf({ status, error, agentId }: Run): string {
  return error?.message ?? `The run of ${agentId} is ${status}.`;
}

/** With what the run had called, too. */
function usageOf({ usage, cost, called }: Run): RunAction {
  return called === undefined
    ? { kind: "run.called", usage, cost }
    : {
        kind: "run.called",
        usage: addUsage(usage, called.usage),
        cost: addCost(cost, called.cost),
      };
}
