import { z } from "zod";
import type { JsonObject } from "../model/json.ts";
import type { MemberRole } from "../model/principal.ts";
import type { MultitaskStrategy } from "../model/run.ts";
import { givenMessages, wireRunWish } from "./batch-requests.ts";
import type { GivenMessage, RunOptions } from "./batch-requests.ts";
import { endFields, newEndFields } from "./lifecycle-requests.ts";
import type { EndFields } from "./lifecycle-requests.ts";
import { wireContent } from "./part.ts";
import type { WireContent } from "./part.ts";
import {
  named,
  wireBranchName,
  wireCount,
  wireId,
  wireMetadata,
  wireTags,
  wireTitle,
  wireUser,
} from "./schema.ts";
import { wireMemberRole } from "./thread.ts";
import { wireStrategy, writeFields } from "./write-body.ts";
import type { WriteBody } from "./write-body.ts";

export interface CreateThreadBody extends WriteBody, EndFields {
  readonly id?: string;
  readonly title?: string;
  readonly agent_id?: string;
  readonly metadata?: JsonObject;
  readonly tags?: readonly string[];
  readonly members?: Readonly<Record<string, MemberRole>>;
  /** What the thread is to its makers. Default `main`. */
  readonly kind?: string;
  readonly initial_message?: WireContent;
  /** Instead of `initial_message`: the thread begins with all of them. */
  readonly messages?: readonly GivenMessage[];
  /** Whether an agent answers, and how. Default: yes for an initial message, no for `messages`. */
  readonly run?: boolean | RunOptions;
  readonly wait?: boolean;
  readonly multitask_strategy?: MultitaskStrategy;
}

export interface UpdateThreadBody extends WriteBody, Omit<EndFields, "expires_in" | "expires_at"> {
  /** `null`: the thread has no end any more. */
  readonly expires_in?: EndFields["expires_in"] | null;
  readonly expires_at?: string | null;
  readonly title?: string | null;
  readonly metadata?: JsonObject;
  readonly tags?: readonly string[];
  readonly agent_id?: string;
}

export interface ForkBody extends WriteBody {
  readonly id?: string;
  readonly branch?: string;
  readonly message_id?: string;
  readonly at?: number;
  readonly title?: string;
}

export interface RestoreBody extends WriteBody {
  readonly version: number;
}

/** Exactly one of `keep_last` and `before`. */
export interface TrimBody extends WriteBody {
  /** Of every branch so many of the newest messages stay, in whole turns; system messages besides. */
  readonly keep_last?: number;
  /** Messages since this time stay. */
  readonly before?: string;
  /** Only says what would go. Default false. */
  readonly dry_run?: boolean;
}

export interface MemberBody extends WriteBody {
  readonly role: MemberRole;
}

export interface CreateBranchBody extends WriteBody {
  readonly name?: string;
  readonly message_id?: string | null;
  readonly from?: string;
}

export interface RenameBranchBody extends WriteBody {
  readonly name: string;
}

export const createThreadBody: z.ZodType<CreateThreadBody> = named(
  "CreateThread",
  z.strictObject({
    ...writeFields,
    id: wireId.exactOptional(),
    title: wireTitle.exactOptional(),
    agent_id: wireId.exactOptional(),
    metadata: wireMetadata.exactOptional(),
    tags: wireTags.exactOptional(),
    members: z.record(wireUser, wireMemberRole).exactOptional(),
    kind: wireId.exactOptional(),
    initial_message: wireContent.exactOptional(),
    messages: givenMessages.exactOptional(),
    run: wireRunWish.exactOptional(),
    wait: z.boolean().exactOptional(),
    multitask_strategy: wireStrategy.exactOptional(),
    ...endFields,
  }),
);

export const updateThreadBody: z.ZodType<UpdateThreadBody> = named(
  "UpdateThread",
  z.strictObject({
    ...writeFields,
    title: wireTitle.nullable().exactOptional(),
    metadata: wireMetadata.exactOptional(),
    tags: wireTags.exactOptional(),
    agent_id: wireId.exactOptional(),
    ...newEndFields,
  }),
);

export const forkBody: z.ZodType<ForkBody> = named(
  "Fork",
  z.strictObject({
    ...writeFields,
    id: wireId.exactOptional(),
    branch: wireBranchName.exactOptional(),
    message_id: wireId.exactOptional(),
    at: wireCount.exactOptional(),
    title: wireTitle.exactOptional(),
  }),
);

export const restoreBody: z.ZodType<RestoreBody> = named(
  "Restore",
  z.strictObject({ ...writeFields, version: z.int().min(1) }),
);

export const trimBody: z.ZodType<TrimBody> = named(
  "Trim",
  z.strictObject({
    ...writeFields,
    keep_last: z.int().min(1).exactOptional(),
    before: z.iso.datetime({ offset: true }).exactOptional(),
    dry_run: z.boolean().exactOptional(),
  }),
);

export const memberBody: z.ZodType<MemberBody> = named(
  "Member",
  z.strictObject({ ...writeFields, role: wireMemberRole }),
);

export const createBranchBody: z.ZodType<CreateBranchBody> = named(
  "CreateBranch",
  z.strictObject({
    ...writeFields,
    name: wireBranchName.exactOptional(),
    message_id: wireId.nullable().exactOptional(),
    from: wireBranchName.exactOptional(),
  }),
);

export const renameBranchBody: z.ZodType<RenameBranchBody> = named(
  "RenameBranch",
  z.strictObject({ ...writeFields, name: wireBranchName }),
);
