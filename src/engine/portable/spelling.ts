import type { Json, JsonObject } from "../../model/json.ts";

/** Keys whose values are somebody's own JSON: they keep their spelling inside. */
const OPAQUE: ReadonlySet<string> = new Set([
  "metadata",
  "state",
  "data",
  "input",
  "value",
  "providerMetadata",
  "payload",
  "citations",
  "ids",
  "customStatus",
]);

// The value of `data` is a text in a reasoning part, and JSON in a data part; both are left alone.
const KINDS: readonly (readonly [model: string, portable: string])[] = [
  ["tool-call", "tool_call"],
  ["tool-result", "tool_result"],
  ["step-start", "step_start"],
];
const PORTABLE_KINDS: ReadonlyMap<string, string> = new Map(KINDS);
const MODEL_KINDS: ReadonlyMap<string, string> = new Map(KINDS.map(([a, b]) => [b, a]));

/** A record of the model as it is exported: keys in snake_case, times as ISO 8601. `fromPortable` undoes it. */
export function toPortable(value: object): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): (readonly [string, Json])[] =>
      inner === undefined ? [] : [[snakeCase(key), portableValue(key, inner)]],
    ),
  );
}

function portableValue(key: string, value: unknown): Json {
  if (typeof value === "number" && key.endsWith("At")) return new Date(value).toISOString();
  if (isKind(key) && typeof value === "string") return PORTABLE_KINDS.get(value) ?? value;
  // What is stored is JSON.
  if (OPAQUE.has(key) || typeof value !== "object" || value === null) return value as Json;
  return Array.isArray(value)
    ? value.map((inner: unknown) => portableValue("", inner))
    : toPortable(value);
}

/** What `toPortable` made, and anything else that is JSON, with keys as the model has them. A time that is none is `NaN`. */
export function fromPortable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPortable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = camelCase(key);
      return [name, modelValue(name, inner)];
    }),
  );
}

function modelValue(key: string, value: unknown): unknown {
  if (typeof value === "string" && key.endsWith("At")) return timeOf(value);
  if (isKind(key) && typeof value === "string") return MODEL_KINDS.get(value) ?? value;
  return OPAQUE.has(key) ? value : fromPortable(value);
}

function timeOf(value: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(value) ? Date.parse(value) : NaN;
}

function isKind(key: string): boolean {
  return key === "type" || key === "kind";
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
