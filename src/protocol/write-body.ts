import { z } from "zod";
import type { MultitaskStrategy } from "../model/run.ts";
import { named, wireCount, wireId, wireUser } from "./schema.ts";

/** Fields that every write takes. */
export interface WriteBody {
  /** The version that the caller saw last, 0 of a thread that is to be made; another one answers 409 `version_conflict`. */
  readonly expected_version?: number;
  /** The message at the branch's head that the caller saw last (`null`: none); another one answers 409 `version_conflict`. */
  readonly expected_head?: string | null;
  /** On whose behalf. */
  readonly user_id?: string;
}

export const writeFields: {
  readonly expected_version: z.ZodExactOptional<z.ZodType<number>>;
  readonly expected_head: z.ZodExactOptional<z.ZodNullable<z.ZodType<string>>>;
  readonly user_id: z.ZodExactOptional<z.ZodType<string>>;
} = {
  expected_version: wireCount.exactOptional(),
  expected_head: wireId.nullable().exactOptional(),
  user_id: wireUser.exactOptional(),
};

export const wireStrategy: z.ZodType<MultitaskStrategy> = z.enum([
  "reject",
  "enqueue",
  "interrupt",
  "rollback",
]);

/** A write without fields of its own. */
export const writeBody: z.ZodType<WriteBody> = named("Write", z.strictObject(writeFields));
