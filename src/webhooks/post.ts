import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { isAllowedAddress, lookupIn, refusal } from "./address.ts";
import type { WebhookNetwork } from "./address.ts";
import type { Posted } from "./webhook.ts";

const TIMEOUT_MS = 10_000;
/** An answer is read so far, for a connection that ends in order, and thrown away. */
const ANSWER_BYTES = 65_536;

export interface PostOptions {
  readonly network: WebhookNetwork;
  /** For all of it. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

export interface PostResult extends Posted {
  /** What the endpoint has asked for by `Retry-After`. */
  readonly retryAfterMs?: number;
}

/** Sends a body once. Never throws, follows no redirect, and says nothing of the address but its host. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { network, timeoutMs = TIMEOUT_MS }: PostOptions,
): Promise<PostResult> {
  const started = performance.now();
  const durationMs = (): number => Math.round(performance.now() - started);
  try {
    const answer = await send(new URL(url), headers, body, { network, timeoutMs });
    const { statusCode: status = 0 } = answer;
    const isOk = status >= 200 && status <= 299;
    const retryAfterMs = retryAfterIn(answer.headers["retry-after"]);
    return {
      isOk,
      status,
      message: isOk ? null : `The endpoint answered ${status}.`,
      durationMs: durationMs(),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  } catch (error) {
    return {
      isOk: false,
      status: null,
      message: reasonOf(error, timeoutMs),
      durationMs: durationMs(),
    };
  }
}

function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { network, timeoutMs }: { readonly network: WebhookNetwork; readonly timeoutMs: number },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // A literal address is connected to without being looked up.
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    if (isIP(host) !== 0 && !isAllowedAddress(host, network)) return reject(refusal(host));
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        "user-agent": "Skein-Webhooks/1",
        ...headers,
      },
      lookup: lookupIn(network),
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on("error", reject);
    request.on("response", (answer) => {
      let read = 0;
      answer.on("data", (bytes: Buffer) => {
        read += bytes.byteLength;
        if (read > ANSWER_BYTES) answer.destroy();
      });
      // What counts is the status: it was received, whatever becomes of the rest.
      answer.on("error", () => resolve(answer));
      answer.on("close", () => resolve(answer));
    });
    request.end(body);
  });
}

function retryAfterIn(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"))
    return `The endpoint did not answer within ${timeoutMs} ms.`;
  if (code === "ADDRESS_REFUSED" && error instanceof Error) return error.message;
  return `The endpoint cannot be reached (${code || "unknown"}).`;
}
