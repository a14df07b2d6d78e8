/** Tokens of one model call, or summed over many. Absent figures were not reported. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `outputTokens`. */
  readonly reasoningTokens?: number;
  /** Part of `inputTokens`. */
  readonly cachedInputTokens?: number;
}

/** Money in integer nano-dollars (1 USD = 1,000,000,000), so that sums are exact. */
export interface Cost {
  readonly nanoDollars: number;
  /** Model calls whose price is not known. They are not in `nanoDollars`. */
  readonly unpricedCalls: number;
}

// Frozen, because every new thread and run shares them.
export const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0 });
export const NO_COST: Cost = Object.freeze({ nanoDollars: 0, unpricedCalls: 0 });

export function addUsage(a: Usage, b: Usage): Usage {
  const reasoningTokens = (a.reasoningTokens ?? 0) + (b.reasoningTokens ?? 0);
  const cachedInputTokens = (a.cachedInputTokens ?? 0) + (b.cachedInputTokens ?? 0);
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...(reasoningTokens > 0 && { reasoningTokens }),
    ...(cachedInputTokens > 0 && { cachedInputTokens }),
  };
}

export function addCost(a: Cost, b: Cost): Cost {
  return {
    nanoDollars: a.nanoDollars + b.nanoDollars,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
  };
}

/** A model's price in nano-dollars per token (1 USD per million tokens = 1,000). */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** For cached input; the price of `input` when absent. */
  readonly cachedInput?: number;
}

/** What a call cost. Without a price it is counted as unpriced, never as free. */
export function priceUsage(usage: Usage, price: Price | undefined): Cost {
  if (price === undefined) return { nanoDollars: 0, unpricedCalls: 1 };
  const cached = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens);
  const nanoDollars =
    (usage.inputTokens - cached) * price.input +
    cached * (price.cachedInput ?? price.input) +
    usage.outputTokens * price.output;
  return { nanoDollars: Math.round(nanoDollars), unpricedCalls: 0 };
}
