import { randomBytes } from "node:crypto";
import { SkeinError } from "../model/error.ts";

const PREFIX = "whsec_";
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const MADE_BYTES = 32;

export function newSecret(): string {
  return PREFIX + randomBytes(MADE_BYTES).toString("base64");
}

/** The key behind a secret.
 *  @throws SkeinError  `invalid_request`, never with the secret in it */
export function keyOf(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "";
  const key = Buffer.from(text, "base64");
  const isBase64 = text !== "" && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  if (!isBase64 || key.byteLength < LEAST_BYTES || key.byteLength > MOST_BYTES)
    throw new SkeinError(
      "invalid_request",
      `A secret is ${PREFIX} and the base64 of ${LEAST_BYTES} to ${MOST_BYTES} bytes.`,
      { field: "secret" },
    );
  return key;
}
