import type { Run } from "../model/run.ts";
import { priceUsage } from "../model/usage.ts";
import type { Cost, Price, Usage } from "../model/usage.ts";
import type { Agent } from "./agent.ts";
import { priceOf } from "./models/prices.ts";

const FREE: Cost = { nanoDollars: 0, unpricedCalls: 0 };

/** The price of a model's tokens for an agent: the agent's own, unless the run chose another model. */
export function priceFor(
  modelId: string,
  agent: Agent,
  run: Pick<Run, "model">,
  prices: Readonly<Record<string, Price>>,
): Price | undefined {
  return (run.model === undefined ? agent.price : undefined) ?? priceOf(modelId, prices);
}

/** What a call cost. Without reported tokens it is unpriced, unless the model is free. */
export function costOf(usage: Usage | undefined, price: Price | undefined): Cost {
  if (usage !== undefined) return priceUsage(usage, price);
  return price?.input === 0 && price.output === 0 ? FREE : { nanoDollars: 0, unpricedCalls: 1 };
}
