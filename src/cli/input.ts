import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { SkeinError } from "../model/error.ts";
import { usageError } from "./arguments.ts";

/** `value`, or what stdin holds when it is `-`. A newline at the end of stdin is dropped. */
export async function textOrStdin(value: string): Promise<string> {
  if (value !== "-") return value;
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return decode(Buffer.concat(chunks), "stdin").replace(/\r?\n$/, "");
}

/** The text of a file, or of stdin for `-`.
 *  @throws SkeinError  `invalid_request` when it cannot be read, `invalid_text` when it is not UTF-8 */
export async function textFile(path: string): Promise<string> {
  if (path === "-") return await textOrStdin("-");
  return decode(await bytesOf(path), path);
}

/** The bytes of a file.
 *  @throws SkeinError  `invalid_request` when it cannot be read */
export async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw usageError(`${path} cannot be read (${reason}).`, "file");
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SkeinError("invalid_text", `${name} is not UTF-8 text.`, { cause });
  }
}

/** A JSON object from a flag. */
export function jsonObject(value: string | undefined, name: string): JsonObject | undefined {
  if (value === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw new SkeinError("invalid_json", `--${name} must be a JSON object.`, {
      field: name,
      cause,
    });
  }
  if (!isJsonObject(parsed)) throw usageError(`--${name} must be a JSON object.`, name);
  return parsed;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  gif: "image/gif",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  md: "text/markdown",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  wav: "audio/wav",
  webp: "image/webp",
};

/** The media type that a file's name suggests. */
export function mediaTypeOf(path: string): string {
  const extension = /\.([^.]+)$/.exec(basename(path))?.[1]?.toLowerCase() ?? "";
  return MEDIA_TYPES[extension] ?? "application/octet-stream";
}
