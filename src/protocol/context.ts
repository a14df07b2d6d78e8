import { z } from "zod";
import type { Role } from "../model/message.ts";
import { wireCost, wireRole, wireUsage } from "./message.ts";
import type { WireCost, WireUsage } from "./message.ts";
import { wirePart } from "./part.ts";
import type { WirePart } from "./part.ts";
import { integerParameter } from "./query.ts";
import { named, wireBranchName, wireCount, wireId, wireTime } from "./schema.ts";

const STYLES = ["brief", "standard", "detailed"] as const;
const REASONS = [
  "queued",
  "in_progress",
  "unanswerable",
  "summarized",
  "last_messages",
  "token_budget",
] as const;

export interface WireContext {
  readonly thread_id: string;
  readonly agent_id: string;
  /** `null` when the model cannot be loaded. */
  readonly model: string | null;
  readonly branch: string;
  readonly version: number;
  /** The system prompt; system messages are in `messages`. */
  readonly system: string | null;
  readonly messages: readonly {
    readonly id: string;
    readonly role: Role;
    readonly content: string;
    readonly parts: readonly WirePart[];
    readonly tokens: number;
  }[];
  readonly tokens: { readonly system: number; readonly messages: number };
  /** What counted them: `estimate`, `custom`, or a package and an encoding. */
  readonly tokenizer: string;
  readonly token_budget: number | null;
  readonly last_messages: number;
  /** What stands for messages that are not shown. */
  readonly summary: {
    readonly thread_id: string;
    readonly version: number;
    readonly messages: number;
    readonly message_id: string;
    readonly depth: number;
    readonly model: string;
  } | null;
  /** Neighbours that are missing for the same reason, oldest first. */
  readonly left_out: readonly {
    readonly reason: (typeof REASONS)[number];
    readonly messages: number;
    readonly first_message_id?: string;
    readonly last_message_id?: string;
  }[];
  /** Outputs of tools that are shortened. */
  readonly elided: readonly {
    readonly message_id: string;
    readonly call_id: string;
    readonly characters: number;
  }[];
}

export interface WireSummary {
  readonly thread_id: string;
  readonly text: string;
  readonly topics: readonly string[];
  readonly decisions: readonly string[];
  readonly action_items: readonly string[];
  readonly outcomes: readonly string[];
  /** False: the model gave no parts, and all that it said is the text. */
  readonly is_structured: boolean;
  readonly style: (typeof STYLES)[number];
  readonly model: string;
  /** The thread whose log has it, and the version of its entry. */
  readonly written_in: { readonly thread_id: string; readonly version: number };
  readonly summarized_at: string;
  /** What it is of: the messages of the branch down to `message_id`. */
  readonly covers: {
    readonly branch: string;
    readonly messages: number;
    readonly message_id: string;
    readonly depth: number;
  };
  /** SHA-256 over what it was made of. */
  readonly source: string;
  /** The branch has moved on since. */
  readonly is_stale: boolean;
  /** Messages behind what it covers; `null` when that is not on the branch any more. */
  readonly new_messages: number | null;
}

export interface WireMadeSummary extends WireSummary {
  /** Calls of the model that it took; 0 when nothing was new. */
  readonly calls: number;
  readonly usage: WireUsage;
  readonly cost: WireCost;
  /** The thread that keeps it, when one was asked for. */
  readonly summary_thread_id: string | null;
}

export interface SummarizeBody {
  readonly model?: string;
  readonly agent_id?: string;
  readonly style?: (typeof STYLES)[number];
  readonly branch?: string;
  /** Reads everything again instead of only what is new. */
  readonly fresh?: boolean;
  /** Estimated tokens that one call is given to read. */
  readonly chunk_tokens?: number;
  /** Keeps the summary in a thread of its own, too. */
  readonly thread?: boolean;
  readonly user_id?: string;
}

export const contextQuery: z.ZodType<
  { readonly agent_id?: string; readonly branch?: string; readonly at?: number },
  unknown
> = z.strictObject({
  agent_id: wireId.exactOptional(),
  branch: wireBranchName.exactOptional(),
  at: integerParameter(1, Number.MAX_SAFE_INTEGER).exactOptional(),
});

export const summaryQuery: z.ZodType<{
  readonly branch?: string;
  readonly style?: (typeof STYLES)[number];
}> = z.strictObject({
  branch: wireBranchName.exactOptional(),
  style: z.enum(STYLES).exactOptional(),
});

export const summarizeBody: z.ZodType<SummarizeBody> = named(
  "Summarize",
  z.strictObject({
    model: z.string().min(1).max(256).exactOptional(),
    agent_id: wireId.exactOptional(),
    style: z.enum(STYLES).exactOptional(),
    branch: wireBranchName.exactOptional(),
    fresh: z.boolean().exactOptional(),
    chunk_tokens: z.int().min(100).max(1_000_000).exactOptional(),
    thread: z.boolean().exactOptional(),
    user_id: z.string().exactOptional(),
  }),
);

export const wireContext: z.ZodType<WireContext> = named(
  "Context",
  z.object({
    thread_id: z.string(),
    agent_id: z.string(),
    model: z.string().nullable(),
    branch: z.string(),
    version: wireCount,
    system: z.string().nullable(),
    messages: z.array(
      z.object({
        id: z.string(),
        role: wireRole,
        content: z.string(),
        parts: z.array(wirePart),
        tokens: wireCount,
      }),
    ),
    tokens: z.object({ system: wireCount, messages: wireCount }),
    tokenizer: z.string(),
    token_budget: wireCount.nullable(),
    last_messages: wireCount,
    summary: z
      .object({
        thread_id: z.string(),
        version: wireCount,
        messages: wireCount,
        message_id: z.string(),
        depth: wireCount,
        model: z.string(),
      })
      .nullable(),
    left_out: z.array(
      z.object({
        reason: z.enum(REASONS),
        messages: wireCount,
        first_message_id: z.string().exactOptional(),
        last_message_id: z.string().exactOptional(),
      }),
    ),
    elided: z.array(
      z.object({ message_id: z.string(), call_id: z.string(), characters: wireCount }),
    ),
  }),
);

const summaryFields = {
  thread_id: z.string(),
  text: z.string(),
  topics: z.array(z.string()),
  decisions: z.array(z.string()),
  action_items: z.array(z.string()),
  outcomes: z.array(z.string()),
  is_structured: z.boolean(),
  style: z.enum(STYLES),
  model: z.string(),
  written_in: z.object({ thread_id: z.string(), version: wireCount }),
  summarized_at: wireTime,
  covers: z.object({
    branch: z.string(),
    messages: wireCount,
    message_id: z.string(),
    depth: wireCount,
  }),
  source: z.string(),
  is_stale: z.boolean(),
  new_messages: wireCount.nullable(),
};

export const wireSummary: z.ZodType<WireSummary | null> = named(
  "Summary",
  z.object(summaryFields),
).nullable();

export const wireMadeSummary: z.ZodType<WireMadeSummary> = named(
  "MadeSummary",
  z.object({
    ...summaryFields,
    calls: wireCount,
    usage: wireUsage,
    cost: wireCost,
    summary_thread_id: z.string().nullable(),
  }),
);
