import { z } from "zod";
import type { ActionKind } from "../model/action.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import { named, wireCount, wireId, wireJson, wireJsonObject, wireTime } from "./schema.ts";
import { writeFields } from "./write-body.ts";
import type { WriteBody } from "./write-body.ts";

/** Something that a run waits for, or has waited for. */
export interface WireAction {
  readonly id: string;
  readonly kind: ActionKind;
  readonly status: "waiting" | "decided" | "done";
  /** The tool call that it is about. */
  readonly call_id: string | null;
  /** Name of the tool, the agent, or the event. */
  readonly name: string;
  readonly prompt: string | null;
  /** Whatever helps to decide: the call's `input`, a form, an address to sign in at. */
  readonly data: JsonObject | null;
  readonly requested_at: string;
  /** When it decides itself. */
  readonly due_at: string | null;
  readonly decision: "approve" | "deny" | "output" | "due" | null;
  readonly reason: string | null;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
}

/** Something that waits for a person. */
export interface WireInboxItem {
  readonly thread_id: string;
  readonly thread_title: string | null;
  readonly run_id: string;
  readonly agent_id: string;
  readonly requested_by: string;
  readonly action: WireAction;
}

export interface WireSharedState {
  readonly value: JsonObject;
  /** 0 before the first change. */
  readonly version: number;
}

export type WireDecision =
  | { readonly action_id: string; readonly decision: "approve"; readonly input?: Json }
  | { readonly action_id: string; readonly decision: "deny"; readonly reason?: string }
  | {
      readonly action_id: string;
      readonly decision: "output";
      readonly output: Json;
      readonly is_error?: boolean;
    };

export interface DecideBody extends WriteBody {
  readonly decisions: readonly WireDecision[];
}

export interface ToolOutputsBody extends WriteBody {
  readonly tool_outputs: readonly {
    readonly tool_call_id: string;
    readonly output: Json;
    readonly is_error?: boolean;
  }[];
}

export interface RunEventBody {
  readonly name: string;
  readonly payload?: Json;
  readonly dedup_key?: string;
  readonly user_id?: string;
}

export interface PatchStateBody extends WriteBody {
  readonly patch: JsonObject;
  /** The version of the state that the caller saw; another one answers 409 `version_conflict`. */
  readonly expected_state?: number;
}

const ACTION_KINDS = [
  "approval",
  "tool_output",
  "input",
  "auth",
  "external",
  "verify",
  "run",
  "event",
  "timer",
] as const;

export const wireActionKind: z.ZodType<ActionKind, string> = z.enum(ACTION_KINDS);

export const wireAction: z.ZodType<WireAction> = named(
  "Action",
  z.object({
    id: z.string(),
    kind: z.enum(ACTION_KINDS),
    status: z.enum(["waiting", "decided", "done"]),
    call_id: z.string().nullable(),
    name: z.string(),
    prompt: z.string().nullable(),
    data: wireJsonObject.nullable(),
    requested_at: wireTime,
    due_at: wireTime.nullable(),
    decision: z.enum(["approve", "deny", "output", "due"]).nullable(),
    reason: z.string().nullable(),
    decided_by: z.string().nullable(),
    decided_at: wireTime.nullable(),
  }),
);

export const wireInboxItem: z.ZodType<WireInboxItem> = named(
  "InboxItem",
  z.object({
    thread_id: z.string(),
    thread_title: z.string().nullable(),
    run_id: z.string(),
    agent_id: z.string(),
    requested_by: z.string(),
    action: wireAction,
  }),
);

export const wireSharedState: z.ZodType<WireSharedState> = named(
  "SharedState",
  z.object({ value: wireJsonObject, version: wireCount }),
);

const wireDecision: z.ZodType<WireDecision> = named(
  "Decision",
  z.discriminatedUnion("decision", [
    z.strictObject({
      action_id: wireId,
      decision: z.literal("approve"),
      input: wireJson.exactOptional(),
    }),
    z.strictObject({
      action_id: wireId,
      decision: z.literal("deny"),
      reason: z.string().max(2_000).exactOptional(),
    }),
    z.strictObject({
      action_id: wireId,
      decision: z.literal("output"),
      output: wireJson,
      is_error: z.boolean().exactOptional(),
    }),
  ]),
);

export const decideBody: z.ZodType<DecideBody> = named(
  "Decide",
  z.strictObject({
    ...writeFields,
    decisions: z.array(wireDecision).min(1).max(LIMITS.actions),
  }),
);

export const toolOutputsBody: z.ZodType<ToolOutputsBody> = named(
  "ToolOutputs",
  z.strictObject({
    ...writeFields,
    tool_outputs: z
      .array(
        z.strictObject({
          tool_call_id: wireId,
          output: wireJson,
          is_error: z.boolean().exactOptional(),
        }),
      )
      .min(1)
      .max(LIMITS.actions),
  }),
);

export const runEventBody: z.ZodType<RunEventBody> = named(
  "RunEventToSend",
  z.strictObject({
    name: z.string().min(1).max(LIMITS.eventNameCharacters),
    payload: wireJson.exactOptional(),
    dedup_key: z.string().min(1).max(128).exactOptional(),
    user_id: writeFields.user_id,
  }),
);

export const patchStateBody: z.ZodType<PatchStateBody> = named(
  "PatchState",
  z.strictObject({
    ...writeFields,
    patch: wireJsonObject,
    expected_state: wireCount.exactOptional(),
  }),
);
