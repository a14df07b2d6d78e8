import { z } from "zod";
import { isJsonObject } from "../model/json.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";

/** The schemas of the native wire by name, as they stand in the OpenAPI document. */
export const wireSchemas: Map<string, z.ZodType> = new Map();

/** Gives a schema the name under which the OpenAPI document refers to it. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  wireSchemas.set(id, schema);
  return schema;
}

// `.` and `..` are refused because every HTTP client resolves them away in a path.
const ID = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/;
const ID_RULE = `must be 1 to ${LIMITS.idCharacters} characters of A-Z a-z 0-9 . _ : -`;

/** An id of a thread, message, run, user or agent. */
export const wireId: z.ZodType<string> = z
  .string()
  .refine((value) => ID.test(value), { error: ID_RULE, params: { code: "invalid_id" } })
  .meta({ pattern: ID.source, maxLength: LIMITS.idCharacters });

/** A user's name: one line, so that e-mail addresses will do. */
export const wireUser: z.ZodType<string> = z
  .string()
  .refine((value) => isUser(value), {
    error: `must be 1 to ${LIMITS.idCharacters} characters without control characters, and not *`,
    params: { code: "invalid_id" },
  })
  .meta({ minLength: 1, maxLength: LIMITS.idCharacters });

function isUser(value: string): boolean {
  return (
    value.trim() !== "" &&
    value !== "*" &&
    value.length <= LIMITS.idCharacters &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  );
}

// Branches that Skein names itself have a tilde: `main~1`.
const BRANCH = /^(?!\.{1,2}$)[A-Za-z0-9._:~-]{1,128}$/;

export const wireBranchName: z.ZodType<string> = z
  .string()
  .refine((value) => BRANCH.test(value), {
    error: `must be 1 to ${LIMITS.branchNameCharacters} characters of A-Z a-z 0-9 . _ : ~ -`,
    params: { code: "invalid_id" },
  })
  .meta({ pattern: BRANCH.source, maxLength: LIMITS.branchNameCharacters });

const SHA256 = /^[0-9a-f]{64}$/;

export const wireSha256: z.ZodType<string> = z
  .string()
  .refine((value) => SHA256.test(value), {
    error: "must be 64 lower-case hexadecimal digits",
    params: { code: "invalid_id" },
  })
  .meta({ pattern: SHA256.source });

/** Any JSON, passed on as it is. */
export const wireJson: z.ZodType<Json> = z
  .custom<Json>((value) => value !== undefined)
  .meta({ description: "Any JSON value." });

/** A JSON object, passed on as it is. */
export const wireJsonObject: z.ZodType<JsonObject> = z
  .custom<JsonObject>(isJsonObject, { error: "must be a JSON object" })
  .meta({ type: "object", additionalProperties: true });

export const wireMetadata: z.ZodType<JsonObject> = z
  .custom<JsonObject>(isJsonObject, { error: "must be a JSON object" })
  .meta({
    type: "object",
    additionalProperties: true,
    maxProperties: LIMITS.metadataKeys,
    description: `At most ${LIMITS.metadataKeys} keys of ${LIMITS.metadataKeyCharacters} characters, ${LIMITS.metadataBytes} bytes of JSON in all.`,
  });

/** ISO 8601, UTC, with milliseconds. */
export const wireTime: z.ZodType<string> = z.string().meta({ format: "date-time" });

export const wireCount: z.ZodType<number> = z.int().min(0);

export const wireTitle: z.ZodType<string> = z
  .string()
  .meta({ maxLength: LIMITS.titleCharacters, description: "One line of text." });

export const wireTags: z.ZodType<readonly string[]> = z
  .array(z.string().meta({ minLength: 1, maxLength: LIMITS.tagCharacters }))
  .meta({ maxItems: LIMITS.tags });
