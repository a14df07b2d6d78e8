import { appendChunks } from "./append-chunks.ts";
import { checkId, checkLimit } from "../model/check.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import { LOCAL_PRINCIPAL } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import type { Run, Step } from "../model/run.ts";
import { MAIN } from "../model/thread.ts";
import type { ThreadHead } from "../model/thread.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { CallOptions, Page, RunWriter, WriteOptions } from "./engine.ts";
import { progress } from "./progress.ts";
import { agentCalls } from "./sub-agents.ts";

export async function runs(
  core: Core,
  base: Principal,
  threadId: string,
  input: { readonly limit?: number; readonly cursor?: string } = {},
  options?: CallOptions,
): Promise<Page<Run>> {
  const principal = principalOf(base, options);
  const limit = checkLimit(input.limit);
  const scope = ["runs", principal.tenant, principal.user, threadId];
  const before = readCursor(input.cursor, scope, (value) => typeof value === "string");
  await readHead(core, principal, threadId);
  const key = { tenant: principal.tenant, id: threadId };
  const found = await core.store.listRuns(key, {
    limit: limit + 1,
    ...(before !== undefined && { before }),
  });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    ...(found.length > limit && last && { nextCursor: writeCursor(scope, last.id) }),
  };
}

export async function run(
  core: Core,
  base: Principal,
  threadId: string,
  runId: string,
  options?: CallOptions,
): Promise<Run> {
  const principal = principalOf(base, options);
  checkId(runId, "run_id");
  const head = await readHead(core, principal, threadId);
  return runOf(core, head, runId);
}

export async function findRun(
  core: Core,
  base: Principal,
  runId: string,
  options?: CallOptions,
): Promise<Run> {
  const principal = principalOf(base, options);
  checkId(runId, "run_id");
  const threadId = await core.store.threadOfRun(principal.tenant, runId);
  const unknown = new SkeinError("run_not_found", `There is no run ${runId}.`, { field: "run_id" });
  if (threadId === null) throw unknown;
  try {
    return await run(core, principal, threadId, runId);
  } catch (error) {
    // Whose thread it is must not show.
    throw isSkeinError(error, "thread_not_found") ? unknown : error;
  }
}

export async function steps(
  core: Core,
  base: Principal,
  threadId: string,
  runId: string,
  options?: CallOptions,
): Promise<readonly Step[]> {
  const { status, endedAt } = await run(core, base, threadId, runId, options);
  const found = await core.store.listSteps({ tenant: base.tenant, id: threadId }, runId);
  if (endedAt === undefined) return found;
  // A run that ends while it waits has no worker that would end its steps.
  const end = { status: status === "cancelled" ? "cancelled" : "failed", endedAt } as const;
  return found.map((step) => (step.status === "running" ? { ...step, ...end } : step));
}

/** Runs that hold a branch, or wait for it, stand in the head until they end. */
export async function hasActiveRun(
  core: Core,
  base: Principal,
  threadId: string,
  options: CallOptions & { readonly branch?: string } = {},
): Promise<boolean> {
  const { activity } = await readHead(core, principalOf(base, options), threadId);
  return activity.runs.some(({ branch }) => branch === (options.branch ?? MAIN));
}

export async function cancelRun(
  core: Core,
  base: Principal,
  threadId: string,
  runId: string,
  options?: WriteOptions,
): Promise<Run> {
  const principal = principalOf(base, options);
  checkId(runId, "run_id");
  const found = await run(core, principal, threadId, runId);
  if (found.endedAt !== undefined) return found;
  const command = { type: "run.cancel", runId } as const;
  const { head } = await write(core, { principal, threadId, command, options });
  return runOf(core, head, runId);
}

/** What the worker of a run does. It acts for the system, not for the user who asked. */
export function runWriter(core: Core): RunWriter {
  const system = (tenant: string): Principal => ({ ...LOCAL_PRINCIPAL, tenant });
  return {
    async claim(tenant, threadId, runId, fence) {
      const command = {
        type: "run.claim",
        runId,
        owner: core.store.instance,
        ...(fence !== undefined && { fence }),
      } as const;
      const principal = system(tenant);
      const { head } = await write(core, { principal, threadId, command, actor: "system" });
      return runOf(core, head, runId);
    },
    async progress(tenant, threadId, command) {
      const head = await progress(core, { tenant, id: threadId }, command);
      return runOf(core, head, command.runId);
    },
    async appendChunks(tenant, threadId, chunks) {
      const key = { tenant, id: threadId };
      await appendChunks(core, key, chunks);
      core.live.publishChunks(key, chunks);
    },
    listChunks: (tenant, threadId, messageId) =>
      core.store.listChunks({ tenant, id: threadId }, messageId),
    listRunnable: () => core.store.listRunnableRuns(),
    listDue: (by, limit) => core.store.listDueRuns(by, limit),
    listCalling: () => core.store.listCallingRuns(),
    async wake(tenant, threadId, runId) {
      const asked = { principal: system(tenant), threadId, actor: "system" } as const;
      const [head] = await core.store.loadHeads([{ tenant, id: threadId }]);
      const found = head?.activity.runs.find(({ id }) => id === runId);
      if (found === undefined || head?.profile.deletedAt !== null) return;
      const { status, expiresAt = Number.POSITIVE_INFINITY } = found;
      const isOver = expiresAt <= core.clock();
      if (isOver) await write(core, { ...asked, command: { type: "run.expire", runId } });
      else if (status === "requires_action")
        await write(core, { ...asked, command: { type: "run.wake", runId } });
    },
    async retire({ tenant, id: threadId }, command, options) {
      const principal = system(tenant);
      await write(core, { principal, threadId, command, options, actor: "system" });
    },
    ...agentCalls(core),
    onChunks: (listener) =>
      core.live.onChunks(({ key, chunks }) => listener(key.tenant, key.id, chunks)),
    listenToOthers: (listener) => core.live.foreign.listen(listener),
  };
}

export async function runOf(core: Core, head: ThreadHead, runId: string): Promise<Run> {
  const { id: threadId, tenant } = head.profile;
  const unended = head.activity.runs.find(({ id }) => id === runId);
  const found = unended ?? (await core.store.loadRun({ tenant, id: threadId }, runId));
  if (found === null)
    throw new SkeinError("run_not_found", `Thread ${threadId} has no run ${runId}.`, {
      field: "run_id",
    });
  return found;
}
