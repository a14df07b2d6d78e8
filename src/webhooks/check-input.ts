import { isIP } from "node:net";
import { checkLine } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { isAllowedAddress } from "./address.ts";
import type { WebhookNetwork } from "./address.ts";
import { keyOf } from "./secret.ts";
import { WEBHOOK_EVENTS } from "../protocol/webhook-events.ts";
import type { WebhookChange, WebhookInput } from "./webhook.ts";

const URL_CHARACTERS = 2_000;
const DESCRIPTION_CHARACTERS = 500;
const NAMES = 100;
// The thread of dead deliveries has a longer name.
const ID = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,100}$/;

/** @throws SkeinError  `invalid_id`, `invalid_request` or `limit_exceeded` with the field */
export function checkInput(
  input: Partial<WebhookInput> & WebhookChange,
  network: WebhookNetwork,
): void {
  const { id, url, description, secret, events = [], ops = [], agents = [], tags = [] } = input;
  if (id !== undefined && !ID.test(id))
    throw new SkeinError("invalid_id", "id must be 1 to 100 characters of [A-Za-z0-9._:-].", {
      field: "id",
    });
  if (url !== undefined) checkUrl(url, network);
  if (description !== undefined) checkLine(description, "description", DESCRIPTION_CHARACTERS);
  if (secret !== undefined) keyOf(secret);
  for (const [field, names] of Object.entries({ events, ops, agents, tags })) {
    if (names.length > NAMES)
      throw new SkeinError("limit_exceeded", `${field} has at most ${NAMES} items.`, { field });
    for (const name of names) checkLine(name, field, 128);
  }
  const unknown = events.find((event) => !WEBHOOK_EVENTS.includes(event));
  if (unknown !== undefined)
    throw invalid("events", `one of ${WEBHOOK_EVENTS.join(", ")}, not ${unknown}`);
}

function checkUrl(text: string, network: WebhookNetwork): void {
  const isUrl = text.length <= URL_CHARACTERS && URL.canParse(text);
  const url = isUrl ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalid("url", `an https: or http: URL of at most ${URL_CHARACTERS} characters`);
  if (url.username !== "" || url.password !== "")
    throw invalid("url", "without user and password: what is sent is signed with the secret");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isAllowedAddress(host, network))
    throw invalid("url", "an address that webhooks may go to; this one is private or reserved");
}

function invalid(field: string, expected: string): SkeinError {
  return new SkeinError("invalid_request", `${field} must be ${expected}.`, { field });
}
