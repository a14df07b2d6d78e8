import { z } from "zod";
import type { Role } from "../model/message.ts";
import { wireMessage } from "./message.ts";
import type { WireMessage } from "./message.ts";
import { wireRole } from "./message.ts";
import { wireRun } from "./run.ts";
import type { WireRun } from "./run.ts";
import { named, wireCount, wireTime } from "./schema.ts";
import { threadShape, wireThread } from "./thread.ts";
import type { WireThread } from "./thread.ts";

/** What the agent said, once its run has ended. */
export interface WireReply {
  readonly text: string;
  readonly message: WireMessage;
}

/** The answer to a posted message. */
export interface WirePosted {
  readonly message: WireMessage;
  /** `null` when no agent was asked. */
  readonly run: WireRun | null;
  /** Where the message stands. */
  readonly branch: string;
  /** Only with `wait`; `null` when the run ended without an answer. */
  readonly reply?: WireReply | null;
}

/** The answer to several messages that were posted together. */
export interface WirePostedMessages {
  readonly thread: WireThread;
  readonly messages: readonly WireMessage[];
  readonly run: WireRun | null;
  readonly branch: string;
  /** Only with `wait`; `null` when the run ended without an answer. */
  readonly reply?: WireReply | null;
}

/** The answer to a run that was asked for without words. */
export interface WireStartedRun {
  readonly run: WireRun;
  readonly branch: string;
  /** Only with `wait`; `null` when the run ended without an answer. */
  readonly reply?: WireReply | null;
}

export interface WireCreated extends WireThread {
  readonly message?: WireMessage;
  /** Only for a thread that was made with `messages`. */
  readonly messages?: readonly WireMessage[];
  readonly run?: WireRun;
  readonly reply?: WireReply | null;
}

/** What a trim let go of, or would. */
export interface WireTrim {
  readonly thread: WireThread;
  /** The branches that lost messages, and how many. */
  readonly branches: readonly { readonly name: string; readonly trimmed: number }[];
}

export interface WireSearchHit {
  readonly thread_id: string;
  readonly thread_title: string | null;
  /** `null` when the title matched. */
  readonly message_id: string | null;
  readonly role: Role | null;
  readonly at: string;
  readonly snippet: string;
  /** Start and end of every match in the snippet, in UTF-16 units. */
  readonly highlights: readonly (readonly [number, number])[];
  readonly score: number;
}

export interface WireAgent {
  readonly name: string;
  readonly description: string | null;
  readonly model: string | null;
  readonly tools: readonly { readonly name: string; readonly description: string }[];
}

export interface WireBlob {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
}

const reply = named("Reply", z.object({ text: z.string(), message: wireMessage }));

export const wirePosted: z.ZodType = named(
  "PostedMessage",
  z.object({
    message: wireMessage,
    run: wireRun.nullable(),
    branch: z.string(),
    reply: reply.nullable().exactOptional(),
  }),
);

export const wirePostedMessages: z.ZodType = named(
  "PostedMessages",
  z.object({
    thread: wireThread,
    messages: z.array(wireMessage),
    run: wireRun.nullable(),
    branch: z.string(),
    reply: reply.nullable().exactOptional(),
  }),
);

export const wireStartedRun: z.ZodType<WireStartedRun> = named(
  "StartedRun",
  z.object({ run: wireRun, branch: z.string(), reply: reply.nullable().exactOptional() }),
);

export const wireCreated: z.ZodType = named(
  "CreatedThread",
  threadShape.extend({
    message: wireMessage.exactOptional(),
    messages: z.array(wireMessage).exactOptional(),
    run: wireRun.exactOptional(),
    reply: reply.nullable().exactOptional(),
  }),
);

export const wireSearchHit: z.ZodType = named(
  "SearchHit",
  z.object({
    thread_id: z.string(),
    thread_title: z.string().nullable(),
    message_id: z.string().nullable(),
    role: wireRole.nullable(),
    at: wireTime,
    snippet: z.string(),
    highlights: z.array(z.array(wireCount).length(2)),
    score: z.number(),
  }),
);

export const wireAgent: z.ZodType = named(
  "Agent",
  z.object({
    name: z.string(),
    description: z.string().nullable(),
    model: z.string().nullable(),
    tools: z.array(z.object({ name: z.string(), description: z.string() })),
  }),
);

export const wireBlob: z.ZodType = named(
  "Blob",
  z.object({ sha256: z.string(), size_bytes: wireCount, media_type: z.string() }),
);

export const wireHealth: z.ZodType = named(
  "Health",
  z.looseObject({ status: z.literal("ok"), version: z.string() }),
);

export const wireTrim: z.ZodType = named(
  "Trimmed",
  z.object({
    thread: wireThread,
    branches: z.array(z.object({ name: z.string(), trimmed: wireCount })),
  }),
);
