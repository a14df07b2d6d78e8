import { SkeinError } from "../../model/error.ts";
import { millisecondsIn } from "../duration.ts";

/** Milliseconds, or a number with its unit: `500ms`, `90s`, `30m`, `12h`, `7d`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** Above 0, in milliseconds.
 *  @throws SkeinError  `invalid_request` with this field */
export function milliseconds(duration: unknown, field: string): number {
  const value = typeof duration === "string" ? millisecondsIn(duration) : duration;
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new SkeinError(
    "invalid_request",
    `${field} must be a time like "30m", or milliseconds above 0, not ${JSON.stringify(duration)}.`,
    { field },
  );
}
