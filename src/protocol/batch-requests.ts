import { z } from "zod";
import type { Json, JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import type { Role } from "../model/message.ts";
import type { MultitaskStrategy } from "../model/run.ts";
import { wireRole } from "./message.ts";
import type { WireCost, WireUsage } from "./message.ts";
import { wireContent } from "./part.ts";
import type { WireContent } from "./part.ts";
import {
  named,
  wireBranchName,
  wireId,
  wireJson,
  wireMetadata,
  wireTags,
  wireUser,
} from "./schema.ts";
import { wireStrategy, writeFields } from "./write-body.ts";
import type { WriteBody } from "./write-body.ts";

/** One of several messages that are stored together. */
export interface GivenMessage {
  readonly content: WireContent;
  readonly id?: string;
  /** Default `user`. */
  readonly role?: Role;
  /** Who said it, where that is not the caller. */
  readonly author?: string;
  /** Provider and model that wrote it, as `openai/gpt-5`. */
  readonly model?: string;
  readonly usage?: WireUsage;
  readonly cost?: Omit<WireCost, "usd">;
  readonly metadata?: JsonObject;
  /** By the author's clock, for display. */
  readonly composed_at?: string;
}

/** How an agent is asked. */
export interface RunOptions {
  readonly agent_id?: string;
  /** Default `enqueue`. */
  readonly multitask_strategy?: MultitaskStrategy;
  readonly model?: string;
  readonly instructions?: string;
  readonly metadata?: JsonObject;
  /** Milliseconds after which the run expires unless it has ended. Default: never. */
  readonly expires_in_ms?: number;
  /** For an agent that is a function, at most 32 KiB. */
  readonly input?: Json;
}

export interface PostMessagesBody extends WriteBody {
  readonly messages: readonly GivenMessage[];
  readonly branch?: string;
  readonly parent_id?: string | null;
  /** Whether an agent answers, and how. Default false. */
  readonly run?: boolean | RunOptions;
  /** Answers at the run's end, with `reply`. */
  readonly wait?: boolean;
}

export interface ChangeTagsBody extends WriteBody {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface CustomEntryBody extends WriteBody {
  readonly name: string;
  readonly data?: Json;
}

// A hundred years: beyond it a time is a mistake.
const MOST_EXPIRES_MS = 3_155_760_000_000;

/** Fields with which a run is asked for, beside the agent. */
export const runOptionFields: {
  readonly model: z.ZodExactOptional<z.ZodType<string>>;
  readonly instructions: z.ZodExactOptional<z.ZodType<string>>;
  readonly metadata: z.ZodExactOptional<z.ZodType<JsonObject>>;
  readonly expires_in_ms: z.ZodExactOptional<z.ZodType<number>>;
  readonly input: z.ZodExactOptional<z.ZodType<Json>>;
} = {
  model: z.string().min(1).max(256).exactOptional(),
  instructions: z.string().max(100_000).exactOptional(),
  metadata: wireMetadata.exactOptional(),
  expires_in_ms: z.int().min(1).max(MOST_EXPIRES_MS).exactOptional(),
  input: wireJson.exactOptional(),
};

const runOptions: z.ZodType<RunOptions> = named(
  "RunOptions",
  z.strictObject({
    ...runOptionFields,
    agent_id: wireId.exactOptional(),
    multitask_strategy: wireStrategy.exactOptional(),
  }),
);

/** Whether an agent answers, and how. */
export const wireRunWish: z.ZodType<boolean | RunOptions> = z.union([z.boolean(), runOptions]);

// One message's figures are bounded, so that a thread's sums stay exact: 1,000 dollars, 1,000,000,000 tokens.
const MOST_NANO_DOLLARS = 1_000_000_000_000;
const MOST_TOKENS = 1_000_000_000;
const MOST_CALLS = 1_000_000;

const tokens = z.int().min(0).max(MOST_TOKENS);

const givenUsage: z.ZodType<WireUsage> = z.strictObject({
  input_tokens: tokens,
  output_tokens: tokens,
  reasoning_tokens: tokens.exactOptional(),
  cached_input_tokens: tokens.exactOptional(),
});

const givenMessage: z.ZodType<GivenMessage> = named(
  "GivenMessage",
  z.strictObject({
    content: wireContent,
    id: wireId.exactOptional(),
    role: wireRole.exactOptional(),
    author: wireUser.exactOptional(),
    model: z.string().min(1).max(256).exactOptional(),
    usage: givenUsage.exactOptional(),
    cost: z
      .strictObject({
        nano_dollars: z.int().min(0).max(MOST_NANO_DOLLARS),
        unpriced_calls: z.int().min(0).max(MOST_CALLS),
      })
      .exactOptional(),
    metadata: wireMetadata.exactOptional(),
    composed_at: z.iso.datetime({ offset: true }).exactOptional(),
  }),
);

/** Several messages. The engine says when they are too many. */
export const givenMessages: z.ZodType<readonly GivenMessage[]> = z
  .array(givenMessage)
  .meta({ minItems: 1, maxItems: LIMITS.messagesPerAppend });

export const postMessagesBody: z.ZodType<PostMessagesBody> = named(
  "PostMessages",
  z.strictObject({
    ...writeFields,
    messages: givenMessages,
    branch: wireBranchName.exactOptional(),
    parent_id: wireId.nullable().exactOptional(),
    run: wireRunWish.exactOptional(),
    wait: z.boolean().exactOptional(),
  }),
);

export const changeTagsBody: z.ZodType<ChangeTagsBody> = named(
  "ChangeTags",
  z.strictObject({
    ...writeFields,
    add: wireTags.exactOptional(),
    remove: wireTags.exactOptional(),
  }),
);

export const customEntryBody: z.ZodType<CustomEntryBody> = named(
  "CustomEntry",
  z.strictObject({
    ...writeFields,
    name: wireId,
    data: wireJson.exactOptional(),
  }),
);
