import { z } from "zod";
import { LIMITS } from "../model/limits.ts";

/** For routes without parameters. */
export const noParameters: z.ZodType<Record<string, never>> = z.strictObject({});

/** A whole number in a query string. */
export function integerParameter(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .refine((value) => /^\d{1,16}$/.test(value) && Number(value) >= min && Number(value) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .meta({ type: "integer", minimum: min, maximum: max })
    .transform(Number);
}

export function booleanParameter(): z.ZodType<boolean, string> {
  return z
    .string()
    .refine((value) => value === "true" || value === "false", { error: "must be true or false" })
    .meta({ type: "boolean" })
    .transform((value) => value === "true");
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;

/** A day or a moment, in milliseconds since the epoch. A day without a time is its first or its last millisecond in UTC. */
export function timeParameter(dayMeans: "start" | "end"): z.ZodType<number, string> {
  return z
    .string()
    .refine(
      (value) =>
        (DATE.test(value) || DATE_TIME.test(value)) && !Number.isNaN(new Date(value).getTime()),
      { error: "must be ISO 8601: 2026-05-31 or 2026-05-31T12:00:00Z" },
    )
    .meta({ format: "date-time" })
    .transform(
      (value) =>
        new Date(value).getTime() + (DATE.test(value) && dayMeans === "end" ? DAY_MS - 1 : 0),
    );
}

/** `limit` of a list. */
export const limitParameter: z.ZodType<number, string> = integerParameter(1, LIMITS.pageSize);

/** A version of a thread; 0 is before the first entry. */
export const versionParameter: z.ZodType<number, string> = integerParameter(
  0,
  Number.MAX_SAFE_INTEGER,
);

/** `cursor` of a list. */
export const cursorParameter: z.ZodType<string> = z.string().min(1).max(2_048);
