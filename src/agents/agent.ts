import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Json, JsonObject } from "../model/json.ts";
import type { Price } from "../model/usage.ts";
import type { Model } from "./models/model.ts";

/** A named configuration that can answer. */
export interface Agent {
  /** 1 to 128 of `[A-Za-z0-9._:-]`. */
  readonly name: string;
  readonly description?: string;
  readonly instructions?: string;
  /** A name such as `openai/gpt-5`, or a model object. Default: `SKEIN_MODEL`, else `demo`. */
  readonly model?: string | Model;
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

/** Checks and returns an agent. */
export function agent(definition: Agent): Agent {
  return Object.freeze({ ...definition });
}

/** Checks and returns a tool. */
export function tool(definition: Tool): Tool {
  return Object.freeze({ ...definition });
}
