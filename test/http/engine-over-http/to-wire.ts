import type { Content, MessageInput, RunInput } from "../../../src/engine/engine.ts";
import { toSnakeCase } from "../../../src/http/native/snake-case.ts";

/** The latest time that ISO 8601 can write without more digits. */
const LATEST_MS = Date.UTC(9999, 11, 31);

export function contentToWire(content: Content): unknown {
  return typeof content === "string" ? content : toSnakeCase(content);
}

export function messageToWire(message: MessageInput): object {
  const { content, composedAt, usage, cost, ...rest } = message;
  return {
    ...rest,
    content: contentToWire(content),
    ...(composedAt !== undefined && { composed_at: timeToWire(composedAt) }),
    ...(usage !== undefined && { usage: toSnakeCase(usage) }),
    ...(cost !== undefined && {
      cost: { nano_dollars: cost.nanoDollars, unpriced_calls: cost.unpricedCalls },
    }),
  };
}

export function runToWire({ agentId, strategy, ...rest }: RunInput): object {
  return {
    ...rest,
    ...(agentId !== undefined && { agent_id: agentId }),
    ...(strategy !== undefined && { multitask_strategy: strategy }),
  };
}

export function timeToWire(ms: number): string {
  return new Date(Math.min(ms, LATEST_MS)).toISOString();
}
