import type { Price } from "../../model/usage.ts";

/** US dollars per million tokens: input, output, cached input. */
type DollarsPerMillion = readonly [input: number, output: number, cachedInput?: number];

// List prices as published for the standard tier up to November 2025; providers change them, and
// surcharges (long contexts, cache writes, regions) are not in them. A configured price always wins.
const LIST: Readonly<Record<string, DollarsPerMillion>> = {
  "openai/gpt-5.2": [1.75, 14, 0.175],
  "openai/gpt-5.1": [1.25, 10, 0.125],
  "openai/gpt-5": [1.25, 10, 0.125],
  "openai/gpt-5-mini": [0.25, 2, 0.025],
  "openai/gpt-5-nano": [0.05, 0.4, 0.005],
  "openai/gpt-5-pro": [15, 120],
  "openai/gpt-4.1": [2, 8, 0.5],
  "openai/gpt-4.1-mini": [0.4, 1.6, 0.1],
  "openai/gpt-4.1-nano": [0.1, 0.4, 0.025],
  "openai/gpt-4o": [2.5, 10, 1.25],
  "openai/gpt-4o-mini": [0.15, 0.6, 0.075],
  "openai/o4-mini": [1.1, 4.4, 0.275],
  "openai/o3": [2, 8, 0.5],
  "openai/o3-mini": [1.1, 4.4, 0.55],
  "openai/o1": [15, 60, 7.5],
  "anthropic/claude-opus-4-5": [5, 25, 0.5],
  "anthropic/claude-opus-4-1": [15, 75, 1.5],
  "anthropic/claude-opus-4": [15, 75, 1.5],
  "anthropic/claude-sonnet-4-5": [3, 15, 0.3],
  "anthropic/claude-sonnet-4": [3, 15, 0.3],
  "anthropic/claude-3-7-sonnet": [3, 15, 0.3],
  "anthropic/claude-haiku-4-5": [1, 5, 0.1],
  "anthropic/claude-3-5-haiku": [0.8, 4, 0.08],
  "google/gemini-3-pro-preview": [2, 12, 0.2],
  "google/gemini-2.5-pro": [1.25, 10, 0.125],
  "google/gemini-2.5-flash": [0.3, 2.5, 0.03],
  "google/gemini-2.5-flash-lite": [0.1, 0.4, 0.01],
  "google/gemini-2.0-flash": [0.1, 0.4, 0.025],
  demo: [0, 0, 0],
};

/** A snapshot is billed as its model: `-2025-08-07`, `-20250929`, `-latest`, `-001`. */
const SNAPSHOT = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3}|latest)$/;

/** The price of a model, or `undefined` when it is not known: the call is then unpriced, never free.
 *  `overrides` are by model id, in nano-dollars per token, and win over the built-in list. */
export function priceOf(
  modelId: string,
  overrides: Readonly<Record<string, Price>> = {},
): Price | undefined {
  for (const id of [modelId, modelId.replace(SNAPSHOT, "")]) {
    if (Object.hasOwn(overrides, id)) return overrides[id];
    const listed = Object.hasOwn(LIST, id) ? LIST[id] : undefined;
    if (listed !== undefined) return toPrice(listed);
  }
  return undefined;
}

// 1 USD per million tokens = 1,000 nano-dollars per token.
function toPrice([input, output, cachedInput]: DollarsPerMillion): Price {
  return {
    input: input * 1_000,
    output: output * 1_000,
    ...(cachedInput !== undefined && { cachedInput: cachedInput * 1_000 }),
  };
}
