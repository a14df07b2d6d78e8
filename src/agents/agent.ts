import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkId } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import type { NewFileRecord } from "../model/file-change.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { ToolOutput } from "../model/part.ts";
import type { Price } from "../model/usage.ts";
import type { AgentHandler } from "./flow/handler.ts";
import { checkContextPolicy } from "./context/context-policy.ts";
import type { ContextPolicy } from "./context/context-policy.ts";
import { transferToolName } from "./handoff-name.ts";
import type { Hooks } from "./hooks.ts";
import type { ModelChoice } from "./models/resolve.ts";
import type { SharedState } from "./shared-state.ts";

export const DEFAULT_MAX_STEPS = 20;

/** A named configuration that can answer. */
export interface Agent {
  /** 1 to 128 of `[A-Za-z0-9._:-]`. */
  readonly name: string;
  readonly description?: string;
  readonly instructions?: string;
  /** A name such as `openai/gpt-5`, or a model object. Default: `SKEIN_MODEL`, else `demo`. */
  readonly model?: ModelChoice;
  /** Instead of a model: a function whose steps are journaled. */
  readonly handler?: AgentHandler;
  readonly tools?: readonly Tool[];
  readonly context?: ContextPolicy;
  /** Builds the system prompt; default: the instructions, and the visible metadata as quoted data. */
  readonly systemPrompt?: SystemPrompt;
  /** Metadata keys that the model may see. Default none, because metadata is user input. */
  readonly visibleMetadata?: readonly string[];
  /** Model calls in one run, default 20. A run that is handed over keeps the limit of the agent that it began with. */
  readonly maxSteps?: number;
  /** Which tool calls a person has to allow: all, none whatever the tools say, or beside what they say those of the named
   *  tools. Default: what the tools say. */
  readonly approvals?: "always" | "never" | readonly string[];
  /** Names of agents that may be handed the run, by a tool `transfer_to_<name>`. */
  readonly handoffs?: readonly string[];
  readonly hooks?: Hooks;
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

/** What a tool asks for before it can go on. */
export interface SuspendRequest {
  /** For words, for a sign-in, or for something outside. */
  readonly kind: "input" | "auth" | "external";
  /** What to ask a person. */
  readonly prompt?: string;
  /** Whatever helps to answer: a form, an address. With the prompt at most 32 KiB. */
  readonly data?: JsonObject;
  /** Milliseconds after which the call ends with an error instead. Default: it waits for as long as the run may. */
  readonly timeoutMs?: number;
}

export interface ToolContext {
  readonly tenant: string;
  readonly threadId: string | null;
  readonly runId: string | null;
  readonly callId: string;
  readonly agentName: string;
  /** Stays the same when an interrupted idempotent tool, or one that has suspended itself, runs again. */
  readonly idempotencyKey: string;
  /** Who asked. */
  readonly userId: string;
  readonly signal: AbortSignal;
  /** What was answered to the newest `suspend` of this call. */
  readonly answer?: ToolOutput;
  /** Ends the call for now: a person or the world has to answer first, however long that takes, also across restarts. Never
   *  returns; what the tool does after it is lost. With the answer the tool runs again from its beginning. A person may also
   *  refuse: then the call is `denied` and the tool does not run again.
   *  @throws SkeinError  `unsupported_capability` where nothing is stored */
  readonly suspend: (request: SuspendRequest) => never;
  /** What the run says of itself, at most 16 KiB. Readable at once by everybody who may read the run.
   *  @throws SkeinError  `unsupported_capability` where nothing is stored */
  readonly setStatus: (status: Json) => Promise<void>;
  /** Throws `unsupported_capability` where nothing is stored. */
  readonly state: SharedState;
  /** Notes in the thread's log what is done to files, as part of the run. A tracked workspace calls it.
   *  @throws SkeinError  `unsupported_capability` where nothing is stored; `lease_lost` when another worker took the run */
  readonly recordFiles: (record: NewFileRecord) => Promise<void>;
}

export interface Tool {
  /** 1 to 64 of `[A-Za-z0-9_-]`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input, or a standard schema (zod and others) that also validates. */
  readonly input: JsonObject | StandardSchemaV1;
  /** `idempotent` runs again after a crash. `unsafe` (default) does not: a person is asked whether it was carried out. */
  readonly effect?: "idempotent" | "unsafe";
  /** Milliseconds, default 60,000. */
  readonly timeoutMs?: number;
  /** `client`: whoever asked for the run carries it out and brings the output; there is no `execute`. Default `server`. */
  readonly executor?: "server" | "client";
  /** Whether a person has to allow a call. A function is asked once per call, with valid input. Default `never`. */
  readonly approval?:
    | "always"
    | "never"
    | ((input: Json, context: ToolContext) => boolean | Promise<boolean>);
  /** The agent that does it, in a thread of its own; made by `agentTool`. */
  readonly agentName?: string;
  /** Required unless the executor is `client`. */
  execute?(input: Json, context: ToolContext): Promise<Json> | Json;
}

/** Checks and returns an agent.
 *  @throws SkeinError  `invalid_request`, `invalid_id` with the field that is wrong */
export function agent(definition: Agent): Agent {
  const { name, tools = [], context, maxSteps, approvals, handoffs = [] } = definition;
  checkId(name, "agent.name");
  const names = new Set<string>();
  for (const one of tools) {
    if (names.has(tool(one).name))
      throw invalid("agent.tools", `not have two tools named ${one.name}`);
    names.add(one.name);
  }
  for (const other of handoffs) {
    checkId(other, "agent.handoffs");
    if (other === name) throw invalid("agent.handoffs", "not name the agent itself");
    const transfer = transferToolName(other);
    if (names.has(transfer))
      throw invalid("agent.handoffs", `not need two tools named ${transfer}`);
    names.add(transfer);
  }
  if (approvals !== undefined && approvals !== "always" && approvals !== "never") {
    if (!Array.isArray(approvals))
      throw invalid("agent.approvals", "be always, never or a list of tools");
    for (const each of approvals)
      if (!names.has(each)) throw invalid("agent.approvals", `not name the unknown tool ${each}`);
  }
  if (definition.handler !== undefined && typeof definition.handler !== "function")
    throw invalid("agent.handler", "be a function");
  checkCount(maxSteps, "agent.maxSteps");
  if (context !== undefined) checkContextPolicy(context);
  return Object.freeze({ ...definition });
}

/** Checks and returns a tool.
 *  @throws SkeinError  `invalid_request` with the field that is wrong */
export function tool(definition: Tool): Tool {
  const { name, input, timeoutMs, executor = "server", approval = "never" } = definition;
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw invalid("tool.name", "be 1 to 64 characters of A-Z a-z 0-9 _ -");
  if (input === null || (typeof input !== "object" && typeof input !== "function"))
    throw invalid(`tool.input of ${name}`, "be a JSON Schema or a standard schema");
  if (executor !== "server" && executor !== "client")
    throw invalid(`tool.executor of ${name}`, "be server or client");
  if (executor === "server" && typeof definition.execute !== "function")
    throw invalid(`tool.execute of ${name}`, "be a function");
  if (executor === "client" && definition.execute !== undefined)
    throw invalid(`tool.execute of ${name}`, "be absent: the caller carries it out");
  if (approval !== "always" && approval !== "never" && typeof approval !== "function")
    throw invalid(`tool.approval of ${name}`, "be always, never or a function");
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
