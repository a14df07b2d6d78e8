import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkId } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Price } from "../model/usage.ts";
import type { ModelChoice } from "./models/resolve.ts";

export const DEFAULT_MAX_STEPS = 20;

/** A named configuration that can answer. */
export interface Agent {
  /** 1 to 128 of `[A-Za-z0-9._:-]`. */
  readonly name: string;
  readonly description?: string;
  readonly instructions?: string;
  /** A name such as `openai/gpt-5`, or a model object. Default: `SKEIN_MODEL`, else `demo`. */
  readonly model?: ModelChoice;
  readonly tools?: readonly Tool[];
  readonly context?: ContextPolicy;
  /** Builds the system prompt; default: the instructions, and the visible metadata as quoted data. */
  readonly systemPrompt?: SystemPrompt;
  /** Metadata keys that the model may see. Default none, because metadata is user input. */
  readonly visibleMetadata?: readonly string[];
  /** Model calls in one run, default 20. */
  readonly maxSteps?: number;
  readonly settings?: { readonly temperature?: number; readonly maxOutputTokens?: number };
  readonly price?: Price;
}

export interface SystemPromptInput {
  readonly name: string;
  readonly instructions: string;
  /** Only the visible keys. */
  readonly threadMetadata: JsonObject;
}

/** A function, or a text with `{name}`, `{instructions}` and `{threadMetadata}` (a list of quoted lines). */
export type SystemPrompt = string | ((input: SystemPromptInput) => string);

export interface ContextPolicy {
  /** Newest messages that the model gets; system messages are kept beside them. Default 100. */
  readonly lastMessages?: number;
  /** Upper bound on the estimated tokens of the window. Default none. */
  readonly tokenBudget?: number;
}

export interface ToolContext {
  readonly tenant: string;
  readonly threadId: string | null;
  readonly runId: string | null;
  readonly callId: string;
  /** Stays the same when an interrupted idempotent tool runs again. */
  readonly idempotencyKey: string;
  /** Who asked. */
  readonly userId: string;
  readonly signal: AbortSignal;
}

export interface Tool {
  /** 1 to 64 of `[A-Za-z0-9_-]`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input, or a standard schema (zod and others) that also validates. */
  readonly input: JsonObject | StandardSchemaV1;
  /** `idempotent` runs again after a crash, `unsafe` (default) does not: its outcome is reported as unknown. */
  readonly effect?: "idempotent" | "unsafe";
  /** Milliseconds, default 60,000. */
  readonly timeoutMs?: number;
  execute(input: Json, context: ToolContext): Promise<Json> | Json;
}

/** Checks and returns an agent.
 *  @throws SkeinError  `invalid_request`, `invalid_id` with the field that is wrong */
export function agent(definition: Agent): Agent {
  const { name, tools = [], context, maxSteps } = definition;
  checkId(name, "agent.name");
  const names = new Set<string>();
  for (const one of tools) {
    if (names.has(tool(one).name))
      throw invalid("agent.tools", `not have two tools named ${one.name}`);
    names.add(one.name);
  }
  checkCount(maxSteps, "agent.maxSteps");
  checkCount(context?.lastMessages, "agent.context.lastMessages");
  checkCount(context?.tokenBudget, "agent.context.tokenBudget");
  return Object.freeze({ ...definition });
}

/** Checks and returns a tool.
 *  @throws SkeinError  `invalid_request` with the field that is wrong */
export function tool(definition: Tool): Tool {
  const { name, input, timeoutMs } = definition;
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw invalid("tool.name", "be 1 to 64 characters of A-Z a-z 0-9 _ -");
  if (input === null || (typeof input !== "object" && typeof input !== "function"))
    throw invalid(`tool.input of ${name}`, "be a JSON Schema or a standard schema");
  if (typeof definition.execute !== "function")
    throw invalid(`tool.execute of ${name}`, "be a function");
  checkCount(timeoutMs, `tool.timeoutMs of ${name}`);
  return Object.freeze({ ...definition });
}

function checkCount(value: number | undefined, field: string): void {
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw invalid(field, "be a whole number of 1 or more");
}

function invalid(field: string, rule: string): SkeinError {
  return new SkeinError("invalid_request", `${field} must ${rule}.`, { field });
}
