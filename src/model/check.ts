import type { ErrorCode } from "./error-codes.ts";
import { SkeinError } from "./error.ts";
import type { Json, JsonObject } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type { Part } from "./part.ts";

// `__proto__` cannot be a key of a plain object.
const ID = /^(?!__proto__$)[A-Za-z0-9._:-]{1,128}$/;

/** Ids that callers choose. */
export function checkId(id: string, field = "id"): void {
  if (typeof id !== "string" || !ID.test(id))
    throw new SkeinError(
      "invalid_id",
      `${field} must be 1 to ${LIMITS.idCharacters} characters of A-Z a-z 0-9 . _ : -`,
      { field, details: { limit: LIMITS.idCharacters } },
    );
}

/** One line: no control characters, no half surrogate pairs. */
export function checkLine(value: string, field: string, maxCharacters: number): void {
  if (typeof value !== "string") throw invalid(field, "a text");
  if (value.length > maxCharacters) throw over(field, maxCharacters, "characters");
  if (/\p{Cc}/u.test(value) || !value.isWellFormed())
    throw new SkeinError(
      "invalid_text",
      `${field} must not contain control characters or half surrogate pairs.`,
      {
        field,
      },
    );
}

/** Free text: line breaks and tabs are fine, NUL and half surrogate pairs are not. */
export function checkText(value: string, field: string): void {
  if (value.includes("\0") || !value.isWellFormed())
    throw new SkeinError("invalid_text", `${field} must not contain NUL or half surrogate pairs.`, {
      field,
    });
}

export function checkTitle(title: string, field = "title"): void {
  checkLine(title, field, LIMITS.titleCharacters);
}

export function checkTags(tags: readonly string[], field = "tags"): void {
  if (tags.length > LIMITS.tags) throw over(field, LIMITS.tags, "tags");
  for (const tag of tags) {
    checkLine(tag, field, LIMITS.tagCharacters);
    if (tag.trim() === "") throw invalid(field, "tags that are not empty");
  }
}

/** Metadata as it would be stored. */
export function checkMetadata(metadata: JsonObject, field = "metadata"): void {
  const keys = Object.keys(metadata);
  if (keys.length > LIMITS.metadataKeys)
    throw over(field, LIMITS.metadataKeys, "keys", "metadata_too_large");
  for (const key of keys) {
    if (key.length > LIMITS.metadataKeyCharacters)
      throw over(field, LIMITS.metadataKeyCharacters, "characters in a key", "metadata_too_large");
    checkLine(key, field, LIMITS.metadataKeyCharacters);
  }
  if (hasOddNumber(metadata))
    throw new SkeinError("invalid_request", `${field} must not contain NaN or infinite numbers.`, {
      field,
    });
  const json = checkJson(metadata, field);
  if (json.includes('"__proto__":'))
    throw new SkeinError("invalid_text", `${field} must not have a key __proto__.`, { field });
  if (utf8Length(json) > LIMITS.metadataBytes)
    throw over(field, LIMITS.metadataBytes, "bytes of JSON", "metadata_too_large");
}

/** Refuses what JSON cannot carry. Returns the JSON. */
export function checkJson(value: Json | Part, field: string): string {
  const json = JSON.stringify(value);
  if (json === undefined) throw invalid(field, "JSON");
  // An escaped NUL or surrogate shows as \u0000 or \ud8…; a literal backslash before it would be doubled.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json))
    throw new SkeinError("invalid_text", `${field} must not contain NUL or half surrogate pairs.`, {
      field,
    });
  return json;
}

/** Parts as a caller gives them. Tool output may contain anything. */
export function checkParts(parts: readonly Part[], field = "parts"): void {
  if (!Array.isArray(parts)) throw invalid(field, "a list of parts");
  if (parts.length === 0) throw invalid(field, "at least one part");
  if (parts.length > LIMITS.partsPerMessage) throw over(field, LIMITS.partsPerMessage, "parts");
  for (const [index, part] of parts.entries()) {
    const at = `${field}[${index}]`;
    if (part.type === "text" || part.type === "refusal" || part.type === "reasoning") {
      if (typeof part.text !== "string") throw invalid(`${at}.text`, "a text");
      checkText(part.text, `${at}.text`);
    } else if (part.type === "tool-call" || part.type === "tool-result") {
      checkLine(part.callId, `${at}.call_id`, 256);
      if (part.callId === "") throw invalid(`${at}.call_id`, "a text that is not empty");
    } else if (part.type === "file") {
      checkLine(part.mediaType, `${at}.media_type`, 256);
      if (part.filename !== undefined) checkLine(part.filename, `${at}.filename`, 1_000);
    } else checkJson(part, at);
  }
}

export function checkLimit(limit: number | undefined, most: number = LIMITS.pageSize): number {
  if (limit === undefined) return LIMITS.pageSizeDefault;
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new SkeinError("invalid_request", `limit must be a whole number from 1 to ${most}.`, {
      field: "limit",
      details: { limit: most },
    });
  return limit;
}

function invalid(field: string, expected: string): SkeinError {
  return new SkeinError("invalid_request", `${field} must be ${expected}.`, { field });
}

function over(
  field: string,
  limit: number,
  unit: string,
  code: ErrorCode = "limit_exceeded",
): SkeinError {
  return new SkeinError(code, `${field} is over the limit of ${limit} ${unit}.`, {
    field,
    details: { limit },
  });
}

function utf8Length(value: string): number {
  let bytes = 0;
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** JSON would turn them into `null` without a word. */
function hasOddNumber(value: Json): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasOddNumber);
}
