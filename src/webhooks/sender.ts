import type { Clock } from "../engine/clock.ts";
import { SkeinError } from "../model/error.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PostOptions, PostResult } from "./post.ts";
import { signatureHeaders } from "./sign.ts";
import type { Posted, WebhookMessage } from "./webhook.ts";

export interface SenderOptions extends PostOptions {
  /** Of endpoints that the configuration names, by id. They are not stored. */
  readonly configured: ReadonlyMap<string, string>;
  readonly clock: Clock;
}

export type Send = (
  endpoint: Pick<Endpoint, "id" | "settings">,
  message: Pick<WebhookMessage, "id" | "body">,
) => Promise<PostResult>;

/** Signs and posts. Never throws but for an endpoint whose secret this process does not have. */
export function sender({ configured, clock, ...options }: SenderOptions): Send {
  return async ({ id, settings }, message) => {
    // Loaded when something is sent: most programs that load the library never do.
    const { post } = await import("./post.ts");
    const secrets = secretsOf(id, settings, configured, clock());
    const body = JSON.stringify(message.body);
    // The receiver goes by the time of day, whatever clock the threads go by.
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = signatureHeaders(message.id, timestamp, body, secrets);
    return post(settings.url, headers, body, options);
  };
}

export function postedOf({ isOk, status, message, durationMs }: PostResult): Posted {
  return { isOk, status, message, durationMs };
}

function secretsOf(
  id: string,
  { source, secrets, oldSecretUntil }: Endpoint["settings"],
  configured: ReadonlyMap<string, string>,
  now: number,
): readonly string[] {
  if (source === "api") return (oldSecretUntil ?? 0) > now ? secrets : secrets.slice(0, 1);
  const secret = configured.get(id);
  if (secret === undefined)
    throw new SkeinError(
      "unsupported_capability",
      `Webhook ${id} is not in this process's configuration, which would have its secret.`,
    );
  return [secret];
}
