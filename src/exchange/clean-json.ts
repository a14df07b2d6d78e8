import { isJsonObject } from "../model/json.ts";
import type { Json } from "../model/json.ts";

/** Text that can be stored: what no database or no JSON can carry (NUL, half surrogate pairs) is U+FFFD. */
function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** One line of at most `most` characters. */
export function cleanLine(text: string, most: number): string {
  const line = cleanText(text)
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return line.length <= most
    ? line
    : `${line
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, "")}…`;
}

export function cleanJson(value: Json): Json {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key === "__proto__" ? "proto" : cleanText(key),
      cleanJson(inner),
    ]),
  );
}
