import { z } from "zod";
import type { JsonObject } from "../model/json.ts";
import { integerParameter } from "./query.ts";
import { named, wireId, wireJsonObject, wireTitle } from "./schema.ts";
import { wireThread } from "./thread.ts";
import type { WireThread } from "./thread.ts";
import { writeFields } from "./write-body.ts";
import type { WriteBody } from "./write-body.ts";

export interface LinkBody extends WriteBody {
  /** What the other thread is to this one: `summary`, `sub-agent`, `continuation`, `mention`, `related`, or a word of the
   *  caller's own; or the other side of it, such as `summary-of`. */
  readonly kind: string;
  /** The other thread. */
  readonly thread_id: string;
  readonly data?: JsonObject;
}

export interface SummaryThreadBody extends WriteBody {
  readonly summary: string;
}

export interface ContinueBody extends WriteBody {
  /** The first message of the new thread. */
  readonly summary?: string;
  readonly id?: string;
  readonly title?: string;
}

export interface SubAgentBody extends WriteBody {
  readonly task: string;
  /** Default: the agent of the thread. */
  readonly agent_id?: string;
}

/** A link, from the thread that was there first to what was made of it. */
export interface WireEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly data?: JsonObject;
}

export interface WireRelatedThreads {
  /** The thread itself first, then the others, nearest first. */
  readonly threads: readonly WireThread[];
  readonly edges: readonly WireEdge[];
  /** False when `limit` left threads out. */
  readonly is_complete: boolean;
}

export interface WireRelationships {
  readonly thread: WireThread;
  readonly parent: WireThread | null;
  readonly summaries: readonly WireThread[];
  readonly children: readonly WireThread[];
}

export const linkBody: z.ZodType<LinkBody> = named(
  "Link",
  z.strictObject({
    ...writeFields,
    kind: wireId,
    thread_id: wireId,
    data: wireJsonObject.exactOptional(),
  }),
);

export const summaryThreadBody: z.ZodType<SummaryThreadBody> = named(
  "SummaryThread",
  z.strictObject({ ...writeFields, summary: z.string().min(1) }),
);

export const continueBody: z.ZodType<ContinueBody> = named(
  "Continue",
  z.strictObject({
    ...writeFields,
    summary: z.string().exactOptional(),
    id: wireId.exactOptional(),
    title: wireTitle.exactOptional(),
  }),
);

export const subAgentBody: z.ZodType<SubAgentBody> = named(
  "SubAgentThread",
  z.strictObject({ ...writeFields, task: z.string().min(1), agent_id: wireId.exactOptional() }),
);

export interface RelatedQuery {
  readonly kinds?: readonly string[];
  readonly depth?: number;
  readonly limit?: number;
}

export const relatedQuery: z.ZodType<RelatedQuery> = z.strictObject({
  kinds: z
    .string()
    .min(1)
    .max(2_048)
    .meta({ description: "Separated by commas. Default: all" })
    .transform((list) => list.split(","))
    .exactOptional(),
  depth: integerParameter(1, 100).exactOptional(),
  limit: integerParameter(1, 1_000).exactOptional(),
});

const wireEdge: z.ZodType<WireEdge> = named(
  "ThreadEdge",
  z.strictObject({
    from: wireId,
    to: wireId,
    kind: z.string(),
    data: wireJsonObject.exactOptional(),
  }),
);

export const wireRelatedThreads: z.ZodType = named(
  "RelatedThreads",
  z.strictObject({
    threads: z.array(wireThread),
    edges: z.array(wireEdge),
    is_complete: z.boolean(),
  }),
);

export const wireRelationships: z.ZodType = named(
  "ThreadRelationships",
  z.strictObject({
    thread: wireThread,
    parent: wireThread.nullable(),
    summaries: z.array(wireThread),
    children: z.array(wireThread),
  }),
);
