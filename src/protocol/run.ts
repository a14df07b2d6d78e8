import { z } from "zod";
import type { Json, JsonObject } from "../model/json.ts";
import type { MultitaskStrategy, RunError, RunStatus, StepKind } from "../model/run.ts";
import { wireCost, wireMessage, wireUsage } from "./message.ts";
import type { WireCost, WireMessage, WireUsage } from "./message.ts";
import { wireAction } from "./action.ts";
import type { WireAction } from "./action.ts";
import { named, wireCount, wireJson, wireMetadata, wireTime } from "./schema.ts";
import { wireStrategy } from "./write-body.ts";

export interface WireRun {
  readonly id: string;
  readonly thread_id: string;
  readonly agent_id: string;
  readonly branch: string;
  readonly status: RunStatus;
  readonly multitask_strategy: MultitaskStrategy;
  readonly model: string | null;
  readonly instructions: string | null;
  readonly metadata: JsonObject;
  readonly requested_by: string;
  /** Messages that wait for this run's turn on the branch. */
  readonly input_ids: readonly string[];
  readonly turn_id: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly error: RunError | null;
  readonly usage: WireUsage;
  readonly cost: WireCost;
  /** The newest message that the run wrote. */
  readonly last_message_id: string | null;
  /** Claims since it last got something done. */
  readonly attempts: number;
  /** Raised whenever it goes on after it waited, or continues anew. */
  readonly segment: number;
  /** What it waits or has waited for. */
  readonly actions: readonly WireAction[];
  /** Events that it has not taken. */
  readonly events_waiting: number;
  /** What the run says of itself. */
  readonly custom_status: Json;
  readonly expires_at: string | null;
  /** The call of another agent that this run answers. */
  readonly parent: { readonly thread_id: string; readonly run_id: string } | null;
  /** What the runs that it called have used; not part of `usage` and `cost`. */
  readonly called: { readonly usage: WireUsage; readonly cost: WireCost } | null;
}

export interface WireStep {
  readonly id: string;
  readonly run_id: string;
  readonly key: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly agent_id: string;
  readonly attempt: number;
  /** Grows with every process that takes the run over. */
  readonly fence: number;
  /** The process that worked on it. */
  readonly worker: string | null;
  readonly status: "running" | "completed" | "failed" | "cancelled";
  readonly segment: number;
  /** What it worked on. */
  readonly input: { readonly message_id: string | null; readonly call_id: string | null };
  /** What it came to, where that is not a message. */
  readonly output: Json;
  /** The run that it started. */
  readonly called: { readonly thread_id: string; readonly run_id: string } | null;
  /** The message that it wrote. */
  readonly message_id: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly usage: WireUsage | null;
  readonly error: RunError | null;
}

export interface WireDelta {
  readonly message_id: string;
  readonly run_id: string;
  /** Counts the tries of one model step from 1; text of an older try is void. */
  readonly attempt: number;
  readonly part: number;
  readonly kind: "text" | "reasoning" | "tool_input";
  readonly call_id?: string;
  readonly name?: string;
  /** UTF-16 units of the same attempt and part before `text`. */
  readonly offset: number;
  readonly text: string;
}

/** What a reader of one run's stream gets. */
export type WireRunEvent =
  | { readonly type: "run"; readonly run: WireRun }
  | { readonly type: "attempt-reset"; readonly message_id: string; readonly attempt: number }
  | ({ readonly type: "delta" } & WireDelta)
  | { readonly type: "message"; readonly message: WireMessage }
  | { readonly type: "end"; readonly run: WireRun };

const runError = z.object({ code: z.string(), message: z.string() });

export const wireRun: z.ZodType<WireRun> = named(
  "Run",
  z.object({
    id: z.string(),
    thread_id: z.string(),
    agent_id: z.string(),
    branch: z.string(),
    status: z.enum([
      "queued",
      "running",
      "requires_action",
      "cancelling",
      "completed",
      "failed",
      "cancelled",
      "incomplete",
      "expired",
    ]),
    multitask_strategy: wireStrategy,
    model: z.string().nullable(),
    instructions: z.string().nullable(),
    metadata: wireMetadata,
    requested_by: z.string(),
    input_ids: z.array(z.string()),
    turn_id: z.string().nullable(),
    created_at: wireTime,
    started_at: wireTime.nullable(),
    ended_at: wireTime.nullable(),
    error: runError.nullable(),
    usage: wireUsage,
    cost: wireCost,
    last_message_id: z.string().nullable(),
    attempts: wireCount,
    segment: wireCount,
    actions: z.array(wireAction),
    events_waiting: wireCount,
    custom_status: wireJson,
    expires_at: wireTime.nullable(),
    parent: z.object({ thread_id: z.string(), run_id: z.string() }).nullable(),
    called: z.object({ usage: wireUsage, cost: wireCost }).nullable(),
  }),
);

export const wireStep: z.ZodType<WireStep> = named(
  "Step",
  z.object({
    id: z.string(),
    run_id: z.string(),
    key: z.string(),
    kind: z.enum(["model", "tool", "agent", "task", "wait", "compact"]),
    name: z.string(),
    agent_id: z.string(),
    attempt: wireCount,
    fence: wireCount,
    worker: z.string().nullable(),
    status: z.enum(["running", "completed", "failed", "cancelled"]),
    segment: wireCount,
    input: z.object({ message_id: z.string().nullable(), call_id: z.string().nullable() }),
    output: wireJson,
    called: z.object({ thread_id: z.string(), run_id: z.string() }).nullable(),
    message_id: z.string().nullable(),
    started_at: wireTime,
    ended_at: wireTime.nullable(),
    usage: wireUsage.nullable(),
    error: runError.nullable(),
  }),
);

const delta = {
  message_id: z.string(),
  run_id: z.string(),
  attempt: wireCount,
  part: wireCount,
  kind: z.enum(["text", "reasoning", "tool_input"]),
  call_id: z.string().exactOptional(),
  name: z.string().exactOptional(),
  offset: wireCount,
  text: z.string(),
};

export const wireRunEvent: z.ZodType<WireRunEvent> = named(
  "RunEvent",
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("run"), run: wireRun }),
    z.object({ type: z.literal("attempt-reset"), message_id: z.string(), attempt: wireCount }),
    z.object({ type: z.literal("delta"), ...delta }),
    z.object({ type: z.literal("message"), message: wireMessage }),
    z.object({ type: z.literal("end"), run: wireRun }),
  ]),
);
