import { isJsonObject } from "../../model/json.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Part } from "../../model/part.ts";

/** An address without user and password; any other text as it is. */
export function withoutPassword(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*@/.test(text)) return text;
  if (!URL.canParse(text)) return text.replace(/(?<=^[^/]*:\/\/)[^/?#]*@/, "");
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href;
}

/** The same JSON; texts in it that are addresses lose user and password. */
export function jsonWithoutPasswords(value: Json): Json {
  if (typeof value === "string") return withoutPassword(value);
  if (isJsonObject(value)) return objectWithoutPasswords(value);
  return Array.isArray(value) ? value.map(jsonWithoutPasswords) : value;
}

export function objectWithoutPasswords(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, jsonWithoutPasswords(inner)]),
  );
}

/** Where files and sources are, without user and password. What people and models said stays as they said it. */
export function partWithoutPassword(part: Part): Part {
  if (part.type === "file" && part.source.kind === "url")
    return { ...part, source: { kind: "url", url: withoutPassword(part.source.url) } };
  if (part.type === "source" && part.url !== undefined)
    return { ...part, url: withoutPassword(part.url) };
  return part;
}
