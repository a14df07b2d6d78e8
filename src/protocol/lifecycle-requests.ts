import { z } from "zod";
import type { Duration } from "../model/duration.ts";
import type { JsonObject } from "../model/json.ts";
import type { MemberRole } from "../model/principal.ts";
import { givenMessages } from "./batch-requests.ts";
import type { GivenMessage } from "./batch-requests.ts";
import { named, wireCount, wireId, wireMetadata, wireTags, wireTitle, wireUser } from "./schema.ts";
import { wireMemberRole } from "./thread.ts";
import { writeFields } from "./write-body.ts";
import type { WriteBody } from "./write-body.ts";

/** When a thread ends. */
export interface EndFields {
  /** Milliseconds, or a number with its unit: `90s`, `30m`, `12h`, `7d`. Not beside `expires_at`. */
  readonly expires_in?: Duration;
  readonly expires_at?: string;
  /** Counts `expires_in` from the last change. */
  readonly sliding?: boolean;
  /** Erased for good when it expires, 24 h after its last change unless something else is said. */
  readonly ephemeral?: boolean;
}

const wireDuration: z.ZodType<Duration> = z.union([
  z.int().min(1),
  z.templateLiteral([z.number(), z.enum(["ms", "s", "m", "h", "d"])]),
]);

const wireInstant: z.ZodType<string> = z.iso.datetime({ offset: true });

export const endFields: {
  readonly expires_in: z.ZodExactOptional<z.ZodType<Duration>>;
  readonly expires_at: z.ZodExactOptional<z.ZodType<string>>;
  readonly sliding: z.ZodExactOptional<z.ZodBoolean>;
  readonly ephemeral: z.ZodExactOptional<z.ZodBoolean>;
} = {
  expires_in: wireDuration.exactOptional(),
  expires_at: wireInstant.exactOptional(),
  sliding: z.boolean().exactOptional(),
  ephemeral: z.boolean().exactOptional(),
};

/** The same of a change: `null` takes the end away. */
export const newEndFields: {
  readonly expires_in: z.ZodExactOptional<z.ZodNullable<z.ZodType<Duration>>>;
  readonly expires_at: z.ZodExactOptional<z.ZodNullable<z.ZodType<string>>>;
  readonly sliding: z.ZodExactOptional<z.ZodBoolean>;
  readonly ephemeral: z.ZodExactOptional<z.ZodBoolean>;
} = {
  ...endFields,
  expires_in: wireDuration.nullable().exactOptional(),
  expires_at: wireInstant.nullable().exactOptional(),
};

/** One of `alias`, `user`, `project`, `feature` and `session` names the thread; the rest is of a thread that is made. */
export interface OpenThreadBody extends WriteBody, EndFields {
  readonly alias?: string;
  /** The user whose thread it is. */
  readonly user?: string;
  /** Beside `user`. */
  readonly topic?: string;
  readonly project?: string;
  readonly feature?: string;
  readonly session?: string;
  readonly title?: string;
  readonly agent_id?: string;
  readonly metadata?: JsonObject;
  readonly tags?: readonly string[];
  readonly members?: Readonly<Record<string, MemberRole>>;
  readonly kind?: string;
  readonly messages?: readonly GivenMessage[];
}

const wireName: z.ZodType<string> = z.string().min(1);

export const openThreadBody: z.ZodType<OpenThreadBody> = named(
  "OpenThread",
  z.strictObject({
    ...writeFields,
    ...endFields,
    alias: wireName.exactOptional(),
    user: wireUser.exactOptional(),
    topic: wireName.exactOptional(),
    project: wireName.exactOptional(),
    feature: wireName.exactOptional(),
    session: wireName.exactOptional(),
    title: wireTitle.exactOptional(),
    agent_id: wireId.exactOptional(),
    metadata: wireMetadata.exactOptional(),
    tags: wireTags.exactOptional(),
    members: z.record(wireUser, wireMemberRole).exactOptional(),
    kind: wireId.exactOptional(),
    messages: givenMessages.exactOptional(),
  }),
);

export interface HoldBody extends WriteBody {
  readonly reason?: string;
}

export const holdBody: z.ZodType<HoldBody> = named(
  "Hold",
  z.strictObject({ ...writeFields, reason: z.string().exactOptional() }),
);

export interface SweepBody {
  /** Only counts. Default false. */
  readonly dry_run?: boolean;
}

export const sweepBody: z.ZodType<SweepBody> = named(
  "Sweep",
  z.strictObject({ dry_run: z.boolean().exactOptional() }),
);

export interface WireSweepReport {
  readonly dry_run: boolean;
  readonly archived: number;
  readonly deleted: number;
  readonly purged: number;
  /** Left alone because they are held. */
  readonly held: number;
  /** Left alone because a run works on them, or they changed meanwhile. */
  readonly busy: number;
  readonly failed: number;
  /** Nothing was done, because another process is sweeping. */
  readonly elsewhere: boolean;
}

export const wireSweepReport: z.ZodType<WireSweepReport> = named(
  "SweepReport",
  z.object({
    dry_run: z.boolean(),
    archived: wireCount,
    deleted: wireCount,
    purged: wireCount,
    held: wireCount,
    busy: wireCount,
    failed: wireCount,
    elsewhere: z.boolean(),
  }),
);
