import type { CallOptions, Engine, RunInput, WriteOptions } from "../engine/engine.ts";
import type { Run } from "../model/run.ts";
import { MAIN } from "../model/thread.ts";
import type { Principal } from "../model/principal.ts";
import type { StoreInfo } from "../store/store.ts";
import { agentOfThread, checkFiles } from "./check-files.ts";
import { bindContext } from "./context/bind-context.ts";
import { deleteThread } from "./delete-thread.ts";
import { bindSweeps } from "./lifecycle/bind-sweeps.ts";
import type { Sweeper } from "./lifecycle/sweeper.ts";
import { onceStopped } from "./stop-runs.ts";
import { answerIn, errorOf, responseOf, start } from "./respond.ts";
import { messagesOf } from "./respond-input.ts";
import type { RunServices } from "./run-context.ts";
import type { RunEngine } from "./run-engine.ts";
import { runStream } from "./run-stream.ts";
import type { RespondInput, Response, RunStreamEvent, Skein } from "./skein.ts";
import { answerUnstored, streamUnstored } from "./unstored.ts";
import { waitForRun } from "./wait-for-run.ts";

const DRAIN_MS = 10_000;
const CANCEL_MS = 30_000;

interface Shared {
  readonly services: RunServices;
  readonly runs: RunEngine;
  readonly open: () => Promise<StoreInfo>;
  readonly sweeper: Sweeper;
}

/** The engine with agents, on behalf of one principal. */
export function bindSkein(shared: Shared, engine: Engine, principal: Principal): Skein {
  const { services, runs } = shared;
  const { agents } = services;
  const keyOf = (id: string) => ({ tenant: principal.tenant, id });
  const unstored = { services, engine, principal };
  const checkAgent = (agentId: string | undefined): void => {
    if (agentId !== undefined) agents.get(agentId);
  };

  const isTakingOver = (run: Pick<RunInput, "strategy"> | undefined): boolean =>
    run?.strategy === "interrupt" || run?.strategy === "rollback";
  const stopping = (id: string, branch = MAIN, options: WriteOptions = {}) => ({
    services,
    engine,
    key: keyOf(id),
    options,
    branch,
  });
  const agentOf = (id: string, options?: CallOptions) => agentOfThread(engine, id, options?.userId);
  const begin = async (input: RespondInput): Promise<Run> => {
    const { threadId, userId } = input;
    await checkFiles(agents, messagesOf(input.input), input, async () =>
      typeof threadId === "string" ? agentOfThread(engine, threadId, userId) : null,
    );
    return start(engine, input);
  };
  const close = async (): Promise<void> => {
    await runs.drain(DRAIN_MS);
    await engine.close();
  };

  return {
    ...engine,
    open: () => shared.open(),
    as: (other) => bindSkein(shared, engine.as(other), { ...principal, ...other }),
    agents: agents.all,
    defaultAgent: agents.defaultName,
    agent: agents.get,

    create: async (input, options) => {
      checkAgent(input?.agentId);
      checkAgent(input?.run?.agentId);
      const { messages = [], run, agentId = null } = input ?? {};
      await checkFiles(agents, messages, run, async () => agentId);
      return engine.create(input, options);
    },
    append: async (id, input, options) => {
      checkAgent(input.run?.agentId);
      const { messages, run } = input;
      await checkFiles(agents, messages, run, () => agentOf(id, options));
      return engine.append(id, input, options);
    },
    edit: async (id, messageId, input, options) => {
      checkAgent(input.run?.agentId);
      await checkFiles(agents, [input], input.run, () => agentOf(id, options));
      const edit = (now = options) => engine.edit(id, messageId, input, now);
      return isTakingOver(input.run)
        ? onceStopped(stopping(id, input.branch, options), edit)
        : edit();
    },
    regenerate: async (id, input, options) => {
      checkAgent(input?.run?.agentId);
      const regenerate = (now = options) => engine.regenerate(id, input, now);
      return isTakingOver(input?.run)
        ? onceStopped(stopping(id, input?.branch, options), regenerate)
        : regenerate();
    },
    truncate: async (id, messageId, options = {}) => {
      const { strategy, branch, ...write } = options;
      const where = branch === undefined ? {} : { branch };
      const truncate = (now: WriteOptions = write) =>
        engine.truncate(id, messageId, { ...now, ...where });
      return isTakingOver({ ...(strategy && { strategy }) })
        ? onceStopped(stopping(id, branch, write), truncate)
        : truncate();
    },
    createRunSafely: async (id, input = {}, options) => {
      const { cancelIfActive = false, messages = [], branch, ...run } = input;
      checkAgent(run.agentId);
      const strategy = cancelIfActive ? "interrupt" : "reject";
      const asked = { messages, run: { ...run, strategy } as const };
      const result = await engine.append(id, { ...asked, ...(branch && { branch }) }, options);
      if (result.run === undefined) throw new TypeError(`Thread ${id} was asked for a run.`);
      return result.run;
    },
    update: async (id, input, options) => {
      checkAgent(input.agentId);
      return engine.update(id, input, options);
    },
    resume: async (serialized, options) => {
      checkAgent(options?.agentId);
      return engine.resume(serialized, options);
    },
    ...bindContext(services, engine),
    delete: (id, options) => deleteThread(services, engine, keyOf(id), options),

    async respond(input): Promise<Response> {
      checkAgent(input.agentId);
      if (input.thread === false) {
        const { run, messages } = await answerUnstored(unstored, input);
        if (run.status === "failed") throw errorOf(run);
        const { usage, cost } = run;
        return { threadId: null, run: null, messages, text: answerIn(messages), usage, cost };
      }
      const run = await begin(input);
      return responseOf(engine, keyOf(run.threadId), run.id, input);
    },
    async *stream(input: RespondInput): AsyncGenerator<RunStreamEvent, void, undefined> {
      checkAgent(input.agentId);
      if (input.thread === false) return yield* streamUnstored(unstored, input);
      const run = await begin(input);
      const { userId, signal } = input;
      yield* runStream(engine, keyOf(run.threadId), run.id, {
        ...(userId !== undefined && { userId }),
        ...(signal && { signal }),
      });
    },
    runStream: (threadId, runId, options) => runStream(engine, keyOf(threadId), runId, options),
    waitForRun: (threadId, runId, options) => waitForRun(engine, keyOf(threadId), runId, options),
    async cancel(threadId, runId, options = {}) {
      const { wait, timeoutMs = CANCEL_MS, ...write } = options;
      const run = await engine.cancelRun(threadId, runId, write);
      if (wait !== true) return run;
      const { userId, signal } = write;
      return waitForRun(engine, keyOf(threadId), runId, {
        ...(userId !== undefined && { userId }),
        ...(signal && { signal }),
        timeoutMs,
      });
    },

    startWorker: ({ threadId, runId } = {}) =>
      runs.recover(
        threadId === undefined
          ? undefined
          : { key: keyOf(threadId), ...(runId !== undefined && { runId }) },
      ),
    getOrCreate: async (input, options) => {
      checkAgent(input.agentId);
      checkAgent(input.run?.agentId);
      return engine.getOrCreate(input, options);
    },
    ...bindSweeps(shared, engine, principal),
    drain: (graceMs = DRAIN_MS) => runs.drain(graceMs),
    close,
    [Symbol.asyncDispose]: close,
  };
}
