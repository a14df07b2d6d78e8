import type { Json } from "../../model/json.ts";
import { costToWire } from "./figures-to-wire.ts";

/** Keys whose values are the caller's own JSON, or names that are data: they keep their spelling inside. */
const OPAQUE = new Set([
  "metadata",
  "values",
  "data",
  "input",
  "value",
  "providerMetadata",
  "payload",
  "citations",
  "ids",
  "members",
  "environment",
  "patch",
  "details",
  "customStatus",
  "output",
]);

/** Values that are names of kinds, and are written with a dash inside. */
const KINDS: Readonly<Record<string, string>> = {
  "tool-call": "tool_call",
  "tool-result": "tool_result",
  "tool-input": "tool_input",
  "step-start": "step_start",
};

const RENAMED: Readonly<Record<string, string>> = { strategy: "multitask_strategy" };

const names = new Map<string, string>();

/** A record of the model as the wire has it: keys in snake_case, times as ISO 8601, costs with dollars. */
export function toSnakeCase(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toSnakeCase);
  if (typeof value !== "object" || value === null) return asJson(value);
  const wire: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const name = snakeCase(key);
    if (OPAQUE.has(key)) wire[name] = asJson(inner);
    else if (typeof inner === "number" && (key === "at" || key.endsWith("At")))
      wire[name] = new Date(inner).toISOString();
    else if ((key === "type" || key === "kind") && typeof inner === "string")
      wire[name] = KINDS[inner] ?? inner;
    else if (key === "cost" && isCost(inner)) wire[name] = { ...costToWire(inner) };
    else wire[name] = toSnakeCase(inner);
  }
  return wire;
}

function snakeCase(key: string): string {
  let name = names.get(key);
  if (name === undefined) {
    name = RENAMED[key] ?? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    // Only names of the model come here, of which there are few; the bound is for what a newer version wrote.
    if (names.size < 1_000) names.set(key, name);
  }
  return name;
}

function isCost(
  value: unknown,
): value is { readonly nanoDollars: number; readonly unpricedCalls: number } {
  return typeof value === "object" && value !== null && "nanoDollars" in value;
}

// Everything in the log came from JSON.
function asJson(value: unknown): Json {
  return value as Json;
}
