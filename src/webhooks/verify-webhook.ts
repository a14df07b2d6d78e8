import { timingSafeEqual } from "node:crypto";
import { SkeinError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { signatureOf } from "./sign.ts";

const TOLERANCE_MS = 300_000;

/** As `fetch` or `node:http` give them. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** How far the sender's clock may be from this one. Default 300,000. */
  readonly toleranceMs?: number;
  /** Milliseconds since the epoch. Default: this machine's clock. */
  readonly now?: number;
}

/** For receivers: answers with the parsed body if a holder of the secret has sent it just now. Compares in constant time.
 *  @param body  the bytes as they came; parsed and written again they differ
 *  @param secret  or several, while one replaces another
 *  @throws SkeinError  `invalid_signature`; `invalid_request` for a secret that is none; `invalid_json` */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceMs = TOLERANCE_MS, now = Date.now() }: VerifyOptions = {},
): Json {
  const id = headerIn(headers, "webhook-id");
  const timestamp = headerIn(headers, "webhook-timestamp");
  const given = headerIn(headers, "webhook-signature");
  if (id === "" || given === "" || !/^\d{1,12}$/.test(timestamp))
    throw refused("The headers webhook-id, webhook-timestamp or webhook-signature are missing.");
  if (Math.abs(now - Number(timestamp) * 1_000) > toleranceMs)
    throw refused("The webhook was signed too long ago, or the clocks differ too much.");
  const signatures = given
    .split(" ")
    .flatMap((one) => (one.startsWith("v1,") ? [Buffer.from(one.slice("v1,".length))] : []));
  let isSigned = false;
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const expected = Buffer.from(signatureOf(id, timestamp, body, one));
    for (const signature of signatures)
      if (signature.byteLength === expected.byteLength && timingSafeEqual(signature, expected))
        isSigned = true;
  }
  if (!isSigned) throw refused("No signature of the webhook is one of this secret.");
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  try {
    const parsed: Json = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw new SkeinError("invalid_json", "The body of the webhook is not JSON.", { cause });
  }
}

function headerIn(headers: WebhookHeaders, name: string): string {
  if ("get" in headers && typeof headers.get === "function") return headers.get(name) ?? "";
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : "";
}

function refused(message: string): SkeinError {
  return new SkeinError("invalid_signature", message);
}
