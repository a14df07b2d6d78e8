import type { Agent } from "../agents/agent.ts";
import { checkEngineName } from "../agents/engines/engine-name.ts";
import type { SkeinConfig, WebhookConfig } from "../agents/config.ts";
import type { Policies } from "../agents/lifecycle/policy.ts";
import type { ModelChoice } from "../agents/models/resolve.ts";
import type { Price } from "../model/usage.ts";
import type { LiveBus } from "../store/live-bus.ts";
import type { Store } from "../store/store.ts";
import type { WebhookNetwork } from "../webhooks/address.ts";
import { integer, usageError } from "./arguments.ts";
import { loadConfig } from "./config.ts";

const DEFAULT_STORE = "sqlite:./.skein/skein.db";
export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_PORT = 4747;

/** Everything that flags, environment and configuration file decide. */
export interface Settings {
  readonly configPath: string | undefined;
  readonly store: string | Store;
  /** An address, a bus, or `none`; `undefined` is the store's own. */
  readonly bus: string | LiveBus | undefined;
  /** `undefined` when nobody chose one: agents without a model of their own use `demo`. */
  readonly model: ModelChoice | undefined;
  readonly agents: readonly Agent[];
  readonly prices: Readonly<Record<string, Price>> | undefined;
  readonly host: string;
  readonly port: number;
  /** As in SKEIN_API_KEYS; `undefined` is local mode. */
  readonly apiKeys: string | undefined;
  readonly policies: Policies;
  readonly webhooks: readonly WebhookConfig[];
  /** Where webhooks may go. */
  readonly webhookNetwork: WebhookNetwork;
  /** The folder whose files agents change. */
  readonly workspace: SkeinConfig["workspace"];
  /** `null` acts with all rights, as `local`. */
  readonly user: string | null;
}

export interface SettingsFlags {
  readonly config?: string | undefined;
  readonly store?: string | undefined;
  readonly model?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly user?: string | undefined;
}

/** A flag wins over the environment, the environment over the file. An empty value counts as absent. */
export async function loadSettings(
  flags: SettingsFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Settings> {
  const pick = (flag: string | undefined, variable: string): string | undefined =>
    flag || environment[variable] || undefined;
  checkEngineName(environment["SKEIN_ENGINE"] || "embedded", "SKEIN_ENGINE");
  const { config, path } = await loadConfig(pick(flags.config, "SKEIN_CONFIG"));
  return {
    configPath: path,
    store: pick(flags.store, "SKEIN_STORE") ?? config.store ?? DEFAULT_STORE,
    bus: environment["SKEIN_BUS"] || config.bus,
    model: pick(flags.model, "SKEIN_MODEL") ?? config.model,
    agents: config.agents ?? [],
    prices: config.prices,
    host: pick(flags.host, "SKEIN_HOST") ?? config.host ?? DEFAULT_HOST,
    port:
      integer(
        pick(flags.port, "SKEIN_PORT"),
        "port",
        { from: 0, to: 65_535 },
        flags.port ? "--port" : "SKEIN_PORT",
      ) ??
      config.port ??
      DEFAULT_PORT,
    apiKeys: environment["SKEIN_API_KEYS"] || undefined,
    policies: config.policies ?? [],
    webhooks: (config.webhooks ?? []).map((webhook) => withSecret(webhook, environment)),
    workspace: environment["SKEIN_WORKSPACE"] || config.workspace,
    webhookNetwork: networkFrom(environment),
    user: pick(flags.user, "SKEIN_USER") ?? null,
  };
}

function withSecret(
  webhook: WebhookConfig,
  environment: Readonly<Record<string, string | undefined>>,
): WebhookConfig {
  const name = webhook.id.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  const secret = environment[`SKEIN_WEBHOOK_SECRET_${name}`] || webhook.secret;
  return { ...webhook, ...(secret !== undefined && { secret }) };
}

/** In local mode nobody from elsewhere can name an address of this machine. */
function networkFrom(environment: Readonly<Record<string, string | undefined>>): WebhookNetwork {
  const given = environment["SKEIN_WEBHOOK_NETWORK"] || undefined;
  if (given === undefined) return environment["SKEIN_API_KEYS"] ? "public" : "loopback";
  if (given === "public" || given === "loopback" || given === "any") return given;
  throw usageError(
    "SKEIN_WEBHOOK_NETWORK must be public, loopback or any.",
    "SKEIN_WEBHOOK_NETWORK",
  );
}

/** What a person calls a model. */
export function modelName(model: ModelChoice): string {
  if (typeof model === "string") return model;
  return "id" in model ? model.id : `${model.provider}/${model.modelId}`;
}
