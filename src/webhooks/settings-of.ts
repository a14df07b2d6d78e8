import type { EndpointSettings } from "./endpoint.ts";
import type { WebhookInput } from "./webhook.ts";

export function settingsOf(
  input: Omit<WebhookInput, "id" | "secret">,
  source: EndpointSettings["source"],
  secrets: readonly string[],
  createdAt: number,
): EndpointSettings {
  const { url, description = "", events = [], ops = [], agents = [], tags = [] } = input;
  const { isEnabled = true } = input;
  return {
    url,
    description,
    events,
    ops,
    agents,
    tags,
    source,
    secrets,
    oldSecretUntil: null,
    isEnabled,
    disabledReason: isEnabled ? null : "asked",
    createdAt,
  };
}

/** Whether the configuration says what it said before. An endpoint that was disabled because it is gone stays so until then. */
export function isSameWish(stored: EndpointSettings, wished: EndpointSettings): boolean {
  const wishOf = ({ isEnabled, disabledReason, ...rest }: EndpointSettings): string =>
    JSON.stringify({ ...rest, isEnabled: isEnabled || disabledReason === "gone" });
  return wishOf(stored) === wishOf(wished);
}
