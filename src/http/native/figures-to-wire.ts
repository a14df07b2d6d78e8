import type { Cost, Usage } from "../../model/usage.ts";
import type { WireCost, WireUsage } from "../../protocol/message.ts";

const NANO_DOLLARS_PER_DOLLAR = 1_000_000_000n;

export function usageToWire(usage: Usage): WireUsage {
  const { reasoningTokens, cachedInputTokens } = usage;
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    ...(reasoningTokens !== undefined && { reasoning_tokens: reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cached_input_tokens: cachedInputTokens }),
  };
}

export function costToWire({ nanoDollars, unpricedCalls }: Cost): WireCost {
  const isUnknown = nanoDollars === 0 && unpricedCalls > 0;
  return {
    nano_dollars: nanoDollars,
    usd: isUnknown ? null : dollars(nanoDollars),
    unpriced_calls: unpricedCalls,
  };
}

export function timeToWire(ms: number): string {
  return new Date(ms).toISOString();
}

// An exact decimal: a binary fraction would round what is summed elsewhere.
function dollars(nanoDollars: number): string {
  const amount = BigInt(nanoDollars);
  const sign = amount < 0n ? "-" : "";
  const absolute = amount < 0n ? -amount : amount;
  const whole = absolute / NANO_DOLLARS_PER_DOLLAR;
  const fraction = (absolute % NANO_DOLLARS_PER_DOLLAR)
    .toString()
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
