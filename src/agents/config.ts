import type { Price } from "../model/usage.ts";
import type { WebhookEvent } from "../protocol/webhook-events.ts";
import type { LiveBus } from "../store/live-bus.ts";
import type { Store } from "../store/store.ts";
import type { Agent, Tool } from "./agent.ts";
import type { Hooks } from "./hooks.ts";
import type { Policies } from "./lifecycle/policy.ts";
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
  /** What becomes of threads that nobody uses any more. Default: nothing. */
  readonly policies?: Policies;
  /** Endpoints that are told of what happens, beside those that were added by a call. */
  readonly webhooks?: readonly WebhookConfig[];
  /** The folder whose files agents change: a path, or a `trackedWorkspace` whose tools the agents above have (SKEIN_WORKSPACE). */
  readonly workspace?: string | { readonly tools: readonly Tool[] };
  /** Where `skein serve` listens (SKEIN_HOST, SKEIN_PORT). */
  readonly host?: string;
  readonly port?: number;
}

export interface WebhookConfig {
  /** At most 100 of `[A-Za-z0-9._:-]`. Deliveries go on where they stood as long as it stays the same. */
  readonly id: string;
  readonly url: string;
  /** `whsec_` and the base64 of 24 to 64 bytes. Default: `SKEIN_WEBHOOK_SECRET_` and the id in capitals, with `_` for whatever is no
   *  letter or digit; it wins over this. */
  readonly secret?: string;
  readonly description?: string;
  /** Only these. Default: all. */
  readonly events?: readonly WebhookEvent[];
  /** Of `thread.entry` only these: `message.append`, `message.commit`, … Default: all. */
  readonly ops?: readonly string[];
  /** Only what these agents do. Default: all. */
  readonly agents?: readonly string[];
  /** Only threads with one of these tags. Default: all. */
  readonly tags?: readonly string[];
}

/** Returns the configuration as it is, with its type checked. */
export function defineConfig(config: SkeinConfig): SkeinConfig {
  return config;
}
