import type { Clock } from "../engine/clock.ts";
import { storeClock } from "../engine/clock.ts";
import { createEngine } from "../engine/create-engine.ts";
import { timeOrderedIds } from "../engine/ids.ts";
import type { Ids } from "../engine/ids.ts";
import { liveOf } from "../engine/live.ts";
import type { Live } from "../engine/live.ts";
import { isSkeinError } from "../model/error.ts";
import { LOCAL_PRINCIPAL } from "../model/principal.ts";
import type { Price } from "../model/usage.ts";
import type { LiveBus } from "../store/live-bus.ts";
import type { Store, StoreInfo } from "../store/store.ts";
import type { Agent } from "./agent.ts";
import { agentRegistry } from "./agent-registry.ts";
import { checkEngineName } from "./engines/engine-name.ts";
import type { RunEngineName } from "./engines/engine-name.ts";
import { embeddedEngine } from "./engines/embedded/embedded-engine.ts";
import type { Hooks } from "./hooks.ts";
import type { ModelChoice } from "./models/resolve.ts";
import type { ModelRetry, RunServices } from "./run-context.ts";
import type { RunEngine } from "./run-engine.ts";
import { createSweeper } from "./lifecycle/sweeper.ts";
import type { Policies } from "./lifecycle/policy.ts";
import { connectCalls, repairCalls } from "./sub-agent/deliver.ts";
import type { Skein } from "./skein.ts";
import { bindSkein } from "./bind-skein.ts";
import { executeRun } from "./turn-loop.ts";

export interface SkeinOptions {
  readonly store: Store;
  /** Tells other processes on the store of what happens here, and this one of them. Closed with the rest. Default: the
   *  store's own bus; `null`: none. Several over the same open store share the first one's. */
  readonly bus?: LiveBus | null;
  /** Added to the built-in agent `assistant`, which one of these may replace. A single one is the default agent. */
  readonly agents?: readonly Agent[];
  /** The model of agents that name none. Default: `SKEIN_MODEL`, else `demo`. */
  readonly model?: ModelChoice;
  /** Where keys and settings of models are looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default `default`. */
  readonly tenant?: string;
  /** Whether this process works on runs, also on those that others left. Default true. */
  readonly worker?: boolean;
  /** What carries runs out. Default: `SKEIN_ENGINE`, else `embedded`. */
  readonly engine?: RunEngineName;
  /** Runs at once, default 16. */
  readonly concurrency?: number;
  /** Nano-dollars per token, by model id; they win over the built-in list. */
  readonly prices?: Readonly<Record<string, Price>>;
  /** Called around the runs that this process works on, before the hooks of their agents. */
  readonly hooks?: Hooks;
  /** Waits between tries of a failed model call. Default: base 1,000 ms, twice as long each time, with jitter. */
  readonly modelRetry?: ModelRetry;
  /** What becomes of threads that nobody uses any more, when they are swept. `standard`: sessions are deleted after 24 idle
   *  hours, others archived after 30 idle days. Default: nothing but what expires. */
  readonly policies?: Policies;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Hears of faults that no caller waits for. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** Threads and agents over a store. The store is opened at the first use; models are loaded when a run needs them. */
export function createSkein(options: SkeinOptions): Skein {
  const {
    store,
    clock = storeClock(options.store),
    ids = timeOrderedIds(),
    onError = warn,
  } = options;
  const { prices = {}, modelRetry: retry = {}, env = process.env } = options;
  const principal = { ...LOCAL_PRINCIPAL, ...(options.tenant && { tenant: options.tenant }) };
  checkEngineName(options.engine || env["SKEIN_ENGINE"] || "embedded", "engine");
  const agents = agentRegistry({ agents: options.agents, model: options.model, env, clock });
  const engine = createEngine({
    store,
    clock,
    ids,
    principal,
    defaultAgent: agents.defaultName,
    ...(options.bus !== undefined && { bus: options.bus }),
  });
  const services: RunServices = {
    engine,
    agents,
    prices,
    clock,
    ids,
    retry,
    hooks: options.hooks,
    onError,
    async loadBlob(tenant, sha256) {
      const { info, bytes } = await engine.as({ tenant }).getBlob(sha256);
      return { bytes, mediaType: info.mediaType };
    },
    async saveBlob(tenant, { bytes, mediaType }) {
      return (await engine.as({ tenant }).putBlob(bytes, mediaType)).sha256;
    },
  };
  const calls = connectCalls({ engine }, onError);
  const embedded = embeddedEngine({
    engine,
    execute: (ref, stop) => executeRun(services, ref, stop),
    repair: () => repairCalls(services),
    knowsAgent: agents.has,
    clock,
    concurrency: options.concurrency,
    onError,
  });
  const runs: RunEngine = {
    ...embedded,
    async drain(graceMs) {
      await embedded.drain(graceMs);
      await calls.settled();
    },
  };
  // A store that cannot be opened says so to the first caller; the worker tries again by itself.
  if (options.worker !== false) void runs.recover().catch(onError);
  const connected = ({ foreign }: Live): Promise<void> =>
    foreign.open().catch((error: unknown) => {
      // News only come later without it; an address that cannot be right is worth stopping for.
      if (!isSkeinError(error, "store_unavailable")) throw error;
      onError(error);
    });
  const open = async (): Promise<StoreInfo> => {
    const info = await engine.open();
    if (options.bus) await connected(liveOf(store, options.bus));
    return info;
  };
  const sweeper = createSweeper(services, engine, options.policies ?? []);
  return bindSkein({ services, runs, open, sweeper }, engine, principal);
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error), { code: "SKEIN_WORKER" });
}
