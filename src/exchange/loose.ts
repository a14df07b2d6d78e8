// Reads of files that other programs wrote: every field may be missing or of another type.
import { isJsonObject } from "../model/json.ts";
import type { Json, JsonObject } from "../model/json.ts";

export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  let at: Json | undefined = value;
  for (const key of path) at = isJsonObject(at) ? at[key] : undefined;
  return isJsonObject(at) ? at : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; what else stands in it is left out. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** A text that is not empty. */
export function textAt(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function stringOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

// 1 January 3000: whatever is later was not counted in seconds.
const LATEST_SECONDS = 32_503_680_000;

/** Milliseconds since the epoch of ISO 8601, of seconds, or of milliseconds. */
export function timeOf(value: Json | undefined): number | undefined {
  const at =
    typeof value === "number"
      ? value * (value < LATEST_SECONDS ? 1_000 : 1)
      : typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value)
        ? Date.parse(value)
        : Number.NaN;
  return Number.isFinite(at) && at > 0 && at < LATEST_SECONDS * 1_000 ? Math.floor(at) : undefined;
}

export function countOf(value: Json | undefined): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

export function parsedJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** `{ [key]: value }`, or nothing where there is no value: for optional fields. */
export function given<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  // One computed key is a record to the compiler, whatever its type.
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
