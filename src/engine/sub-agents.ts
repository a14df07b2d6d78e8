import { checkId, checkText } from "../model/check.ts";
import type { Command, CreateCommand } from "../model/command.ts";
import { requireRole, threadNotFound } from "../model/decide/access.ts";
import { decide } from "../model/decide/decide.ts";
import type { ForkOrigin } from "../model/entry.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import { NO_FACTS } from "../model/facts.ts";
import { LIMITS } from "../model/limits.ts";
import type { NewMessage } from "../model/message.ts";
import { LOCAL_PRINCIPAL, LOCAL_USER, userOf } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import type { NewRun } from "../model/run.ts";
import { threadOf } from "../model/thread.ts";
import type { Thread, ThreadHead, ThreadProfile } from "../model/thread.ts";
import type { AgentCall } from "./agent-call.ts";
import { newThreadId, principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import { forkCommand } from "./fork.ts";
import type { RunWriter, WriteOptions } from "./engine.ts";
import { newRun } from "./message-input.ts";
import type { SubAgentInput } from "./run-calls.ts";
import { titleLine } from "./title-line.ts";

/** What kind a thread is, and a link to it, in which an agent does a task for another thread. */
export const SUB_AGENT = "sub-agent";

/** A thread for a task, beside the one that it belongs to. */
export async function spawnSubAgentThread(
  core: Core,
  base: Principal,
  parentId: string,
  { task, options = {} }: { task: string; options?: WriteOptions & SubAgentInput },
): Promise<Thread> {
  const principal = principalOf(base, options);
  const { agentId, run, opId } = options;
  checkText(task, "task");
  if (agentId !== undefined) checkId(agentId, "agent_id");
  const parent = await readHead(core, principal, parentId);
  requireRole(parent, principal, "editor");
  const { profile } = parent;
  await proveDepth(core, profile);
  const threadId = newThreadId(core, principal, opId);
  const { head } = await write(core, {
    principal,
    threadId,
    command: taskThread(core, profile, {
      task,
      parent: { threadId: parentId },
      user: userOf(principal),
      agentId: agentId ?? run?.agentId ?? profile.agentId ?? core.defaultAgent,
      ...(run && { run: newRun(core, run) }),
    }),
    ...(opId !== undefined && { options: { opId } }),
    asked: [parentId, task, agentId, run],
    sizeBytes: task.length * 2,
    // Who may not write to a thread gives it no tasks.
    beside: [
      {
        key: { tenant: principal.tenant, id: parentId },
        decide: (now, context) =>
          decide(now, { type: "link.add", link: { kind: SUB_AGENT, threadId } }, NO_FACTS, context),
      },
    ],
  });
  return threadOf(head);
}

/** Tasks of tasks end somewhere, as calls of agents by agents do. One read for each. */
async function proveDepth({ store }: Core, { tenant, parent }: ThreadProfile): Promise<void> {
  let above = parent?.threadId;
  for (let depth = 1; above !== undefined; depth++) {
    if (depth >= LIMITS.runDepth)
      throw new SkeinError(
        "limit_exceeded",
        `Sub-agents can have sub-agents at most ${LIMITS.runDepth} deep.`,
        { details: { limit: LIMITS.runDepth } },
      );
    const [head] = await store.loadHeads([{ tenant, id: above }]);
    above = head?.profile.parent?.threadId;
  }
}

/** Makes the thread of a call and asks for its run, unless that was done before. */
async function callAgent(core: Core, tenant: string, call: AgentCall): Promise<void> {
  const { threadId, runId, agentId, task, branch, parent, user } = call;
  const [before, caller] = await core.store.loadHeads([
    { tenant, id: threadId },
    { tenant, id: parent.threadId },
  ]);
  if (before != null) return;
  if (caller == null) throw threadNotFound(parent.threadId);
  const from = branch === undefined ? undefined : await forkPoint(core, tenant, caller, branch);
  const command = taskThread(core, caller.profile, {
    task,
    parent: { threadId: parent.threadId, runId: parent.runId },
    user,
    agentId,
    run: { id: runId, agentId, strategy: "enqueue", parent },
    ...(from && { from }),
  });
  const principal = { ...LOCAL_PRINCIPAL, tenant, user: user === LOCAL_USER ? null : user };
  try {
    const sizeBytes = task.length * 2;
    await write(core, { principal, threadId, command, actor: "system", sizeBytes });
  } catch (error) {
    // Another attempt of the same call was first.
    if (!isSkeinError(error, "id_conflict")) throw error;
  }
}

async function forkPoint(
  core: Core,
  tenant: string,
  head: ThreadHead,
  branch: string,
): Promise<ForkOrigin> {
  const principal = { ...LOCAL_PRINCIPAL, tenant };
  return (await forkCommand(core, principal, head, { branch, title: "" })).from;
}

interface Task {
  readonly task: string;
  readonly parent: NonNullable<ThreadProfile["parent"]>;
  readonly user: string;
  readonly agentId: string;
  readonly run?: NewRun;
  /** What the thread begins with instead of the task. */
  readonly from?: ForkOrigin;
}

/** Belongs to whom the parent belongs to, and shows to whom that shows. */
function taskThread(
  core: Core,
  { owner, members, environment }: ThreadProfile,
  { task, parent, user, agentId, run, from }: Task,
): CreateCommand {
  const message: NewMessage = {
    id: core.ids("msg"),
    role: "user",
    author: { kind: "user", id: user },
    parts: [{ type: "text", text: task }],
  };
  return {
    type: "create",
    owner,
    members,
    title: titleLine(`Task: ${task}`),
    titleSource: "auto",
    kind: SUB_AGENT,
    agentId,
    parent,
    ...(environment && { environment }),
    ...(from ? { from } : { titleOf: message.id }),
    append: { type: "append", messages: from ? [] : [message], ...(run && { run }) },
  };
}

/** What the workers of calling and called runs may do to the other one. */
export function agentCalls(
  core: Core,
): Pick<RunWriter, "callAgent" | "decideCall" | "cancelCalled"> {
  const asSystem = async (tenant: string, threadId: string, command: Command): Promise<void> => {
    const principal = { ...LOCAL_PRINCIPAL, tenant };
    await write(core, { principal, threadId, command, actor: "system" });
  };
  return {
    callAgent: (tenant, call) => callAgent(core, tenant, call),
    decideCall: (tenant, { threadId, runId }, actionId, decision) =>
      asSystem(tenant, threadId, {
        type: "run.decide",
        runId,
        decisions: [{ actionId, decision }],
      }),
    cancelCalled: (tenant, { threadId, runId }) =>
      asSystem(tenant, threadId, { type: "run.cancel", runId }),
  };
}
