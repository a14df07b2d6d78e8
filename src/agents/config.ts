import type { Price } from "../model/usage.ts";
import type { LiveBus } from "../store/live-bus.ts";
import type { Store } from "../store/store.ts";
import type { Agent } from "./agent.ts";
import type { Hooks } from "./hooks.ts";
import type { ModelChoice } from "./models/resolve.ts";

/** What `skein.config.ts` exports by default. Environment variables and flags win over it. */
export interface SkeinConfig {
  /** Added to the built-in agent `assistant`, which one of these may replace. A single one is the default agent; with none
   *  or several it is `assistant`. */
  readonly agents?: readonly Agent[];
  /** The model of agents that name none: `openai/gpt-5`, `compatible/llama3`, `demo` … (SKEIN_MODEL). */
  readonly model?: ModelChoice;
  /** Nano-dollars per token, by model name; they win over the built-in list. */
  readonly prices?: Readonly<Record<string, Price>>;
  /** `sqlite:path`, `memory:`, or a store of your own (SKEIN_STORE). */
  readonly store?: string | Store;
  /** Tells other servers on the same store what happens here: `redis://…`, `postgres://…`, a bus of your own, or `none`. Default:
   *  the store's own, if it has one (SKEIN_BUS). */
  readonly bus?: string | LiveBus;
  /** Functions that are called before and after what every agent does. */
  readonly hooks?: Hooks;
  /** Milliseconds after which runs expire that do not say otherwise. Default: never. */
  readonly runExpiresInMs?: number;
  /** Where `skein serve` listens (SKEIN_HOST, SKEIN_PORT). */
  readonly host?: string;
  readonly port?: number;
}

/** Returns the configuration as it is, with its type checked. */
export function defineConfig(config: SkeinConfig): SkeinConfig {
  return config;
}
