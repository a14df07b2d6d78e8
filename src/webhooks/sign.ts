import { createHmac } from "node:crypto";
import { keyOf } from "./secret.ts";

/** The headers of Standard Webhooks. With several secrets there are as many signatures.
 *  @param timestamp  seconds since the epoch */
export function signatureHeaders(
  id: string,
  timestamp: number,
  body: string,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": secrets
      .map((secret) => `v1,${signatureOf(id, String(timestamp), body, secret)}`)
      .join(" "),
  };
}

export function signatureOf(
  id: string,
  timestamp: string,
  body: string | Uint8Array,
  secret: string,
): string {
  return createHmac("sha256", keyOf(secret))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest("base64");
}
