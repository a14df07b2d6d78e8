import { expect, test } from "vitest";
import { priceUsage } from "../../model/usage.ts";
import { priceOf } from "./prices.ts";

test("a known model has a price in nano-dollars per token, and so has its snapshot", () => {
  expect(priceOf("openai/gpt-5-mini")).toEqual({ input: 250, output: 2_000, cachedInput: 25 });
  expect(priceOf("openai/gpt-5-mini-2025-08-07")).toEqual(priceOf("openai/gpt-5-mini"));
  expect(priceOf("anthropic/claude-sonnet-4-5-20250929")).toEqual({
    input: 3_000,
    output: 15_000,
    cachedInput: 300,
  });
});

test("an unknown model has no price, so that its calls count as unpriced", () => {
  expect(priceOf("compatible/llama3")).toBeUndefined();
  expect(priceOf("constructor")).toBeUndefined();
  expect(priceUsage({ inputTokens: 5, outputTokens: 5 }, priceOf("compatible/llama3"))).toEqual({
    nanoDollars: 0,
    unpricedCalls: 1,
  });
});

test("the demo model is free, which is not the same as unpriced", () => {
  expect(priceUsage({ inputTokens: 5, outputTokens: 5 }, priceOf("demo"))).toEqual({
    nanoDollars: 0,
    unpricedCalls: 0,
  });
});

test("a configured price wins, also for snapshots, and can price what is unknown", () => {
  const mine = { input: 1, output: 2 };
  const overrides = { "openai/gpt-5": mine, "compatible/llama3": mine };
  expect(priceOf("openai/gpt-5", overrides)).toBe(mine);
  expect(priceOf("openai/gpt-5-2025-08-07", overrides)).toBe(mine);
  expect(priceOf("compatible/llama3", overrides)).toBe(mine);
});
