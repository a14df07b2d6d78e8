import { z } from "zod";
import type { Json, JsonObject } from "../model/json.ts";
import type { Role } from "../model/message.ts";
import type { MultitaskStrategy } from "../model/run.ts";
import { runOptionFields } from "./batch-requests.ts";
import { wireRole } from "./message.ts";
import { wireContent } from "./part.ts";
import type { WireContent } from "./part.ts";
import { named, wireBranchName, wireId, wireMetadata } from "./schema.ts";
import { wireStrategy, writeFields } from "./write-body.ts";
import type { WriteBody } from "./write-body.ts";

/** How an agent is asked to answer. */
export interface RunFields {
  /** Default: the thread's agent, which for a thread that was made without one is the default agent. */
  readonly agent_id?: string;
  /** What to do when another run holds the branch. Default `enqueue`. */
  readonly multitask_strategy?: MultitaskStrategy;
  /** Milliseconds after which the run expires unless it has ended. Default: never. */
  readonly expires_in_ms?: number;
  /** Answers at the run's end, with `reply`. */
  readonly wait?: boolean;
}

export interface PostMessageBody extends WriteBody, RunFields {
  readonly message: WireContent;
  readonly id?: string;
  /** Default `user`. */
  readonly role?: Role;
  /** Whether an agent answers. Default: yes for the roles `user` and `tool`, no for the others. */
  readonly run?: boolean;
  readonly branch?: string;
  readonly parent_id?: string | null;
  readonly metadata?: JsonObject;
  /** What to do in local mode when there is no such thread. Default `create`. */
  readonly if_missing?: "create" | "error";
}

export interface EditMessageBody extends WriteBody, RunFields {
  readonly message: WireContent;
  readonly branch?: string;
  /** Whether an agent answers. Default: yes when the message is a user's. */
  readonly run?: boolean;
}

export interface RegenerateBody extends WriteBody, RunFields {
  readonly message_id?: string;
  readonly branch?: string;
}

export interface TruncateBody extends WriteBody {
  /** The message that becomes the last one; `null` empties the branch. */
  readonly message_id: string | null;
  readonly branch?: string;
  /** With `interrupt` or `rollback` the runs in the way are stopped first. Default: 409 `run_active`. */
  readonly multitask_strategy?: MultitaskStrategy;
}

export interface RedactBody extends WriteBody {
  readonly reason?: string;
}

export interface AnnotateBody extends WriteBody {
  readonly metadata: JsonObject;
}

export interface StartRunBody extends WriteBody, RunFields {
  readonly branch?: string;
  readonly model?: string;
  readonly instructions?: string;
  readonly metadata?: JsonObject;
  /** For an agent that is a function, at most 32 KiB. */
  readonly input?: Json;
}

export interface CancelRunBody extends WriteBody {
  /** Answers when the run has ended. */
  readonly wait?: boolean;
}

const runFields = {
  agent_id: wireId.exactOptional(),
  multitask_strategy: wireStrategy.exactOptional(),
  expires_in_ms: runOptionFields.expires_in_ms,
  wait: z.boolean().exactOptional(),
};

export const postMessageBody: z.ZodType<PostMessageBody> = named(
  "PostMessage",
  z.strictObject({
    ...writeFields,
    ...runFields,
    message: wireContent,
    id: wireId.exactOptional(),
    role: wireRole.exactOptional(),
    run: z.boolean().exactOptional(),
    branch: wireBranchName.exactOptional(),
    parent_id: wireId.nullable().exactOptional(),
    metadata: wireMetadata.exactOptional(),
    if_missing: z.enum(["create", "error"]).exactOptional(),
  }),
);

export const editMessageBody: z.ZodType<EditMessageBody> = named(
  "EditMessage",
  z.strictObject({
    ...writeFields,
    ...runFields,
    message: wireContent,
    branch: wireBranchName.exactOptional(),
    run: z.boolean().exactOptional(),
  }),
);

export const regenerateBody: z.ZodType<RegenerateBody> = named(
  "Regenerate",
  z.strictObject({
    ...writeFields,
    ...runFields,
    message_id: wireId.exactOptional(),
    branch: wireBranchName.exactOptional(),
  }),
);

export const truncateBody: z.ZodType<TruncateBody> = named(
  "Truncate",
  z.strictObject({
    ...writeFields,
    message_id: wireId.nullable(),
    branch: wireBranchName.exactOptional(),
    multitask_strategy: wireStrategy.exactOptional(),
  }),
);

export const redactBody: z.ZodType<RedactBody> = named(
  "Redact",
  z.strictObject({ ...writeFields, reason: z.string().max(1_000).exactOptional() }),
);

export const annotateBody: z.ZodType<AnnotateBody> = named(
  "Annotate",
  z.strictObject({ ...writeFields, metadata: wireMetadata }),
);

export const startRunBody: z.ZodType<StartRunBody> = named(
  "StartRun",
  z.strictObject({
    ...writeFields,
    ...runFields,
    ...runOptionFields,
    branch: wireBranchName.exactOptional(),
  }),
);

export const cancelRunBody: z.ZodType<CancelRunBody> = named(
  "CancelRun",
  z.strictObject({ ...writeFields, wait: z.boolean().exactOptional() }),
);
