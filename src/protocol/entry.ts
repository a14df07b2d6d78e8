import { z } from "zod";
import type { JsonObject } from "../model/json.ts";
import { named, wireCount, wireJsonObject, wireTime } from "./schema.ts";
import { wireThread } from "./thread.ts";
import type { WireThread } from "./thread.ts";

/** One record of a thread's log. */
export interface WireEntry {
  readonly thread_id: string;
  readonly version: number;
  /** What happened: `message.append`, `run.start`, … */
  readonly op: string;
  readonly data: JsonObject;
  /** `user:alice`, `agent:assistant` or `system`. */
  readonly actor: string;
  readonly at: string;
  /** Groups the entries of one command. */
  readonly op_id: string;
  readonly schema: number;
}

/** A change of a thread's header. */
export interface WireFeedEvent {
  readonly type: string;
  readonly thread_id: string;
  readonly version: number;
  /** The header as it is now, which may be newer than `version`. */
  readonly thread: WireThread;
}

export const wireEntry: z.ZodType<WireEntry> = named(
  "Entry",
  z.object({
    thread_id: z.string(),
    version: wireCount,
    op: z.string(),
    data: wireJsonObject,
    actor: z.string(),
    at: wireTime,
    op_id: z.string(),
    schema: wireCount,
  }),
);

export const wireFeedEvent: z.ZodType = named(
  "FeedEvent",
  z.object({
    type: z.enum(["created", "updated", "archived", "unarchived", "deleted", "undeleted"]),
    thread_id: z.string(),
    version: wireCount,
    thread: wireThread,
  }),
);
