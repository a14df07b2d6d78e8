import { SkeinError } from "./error.ts";
import type { Json } from "./json.ts";
import { LIMITS } from "./limits.ts";

/** Refuses what is larger, as UTF-8 JSON, than a run may carry with it; what is larger is kept elsewhere and named.
 *  @throws SkeinError  `limit_exceeded` with the field and the limit in bytes */
export function checkJsonSize(
  value: Json | object,
  field: string,
  limit: number = LIMITS.runDataBytes,
): void {
  const sizeBytes = new TextEncoder().encode(JSON.stringify(value)).length;
  if (sizeBytes > limit)
    throw new SkeinError("limit_exceeded", `${field} is ${sizeBytes} bytes, at most ${limit}.`, {
      field,
      details: { limit, size_bytes: sizeBytes },
    });
}
