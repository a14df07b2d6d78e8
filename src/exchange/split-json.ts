import { isJsonObject } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";

/** A record of a file. */
export type SplitRecord =
  | { readonly at: number; readonly value: JsonObject; readonly sizeBytes: number }
  | { readonly at: number; readonly problem: string; readonly isTorn?: true };

export interface SplitFile {
  /** `lines`: a record per line; `list`: the elements of an array; `value`: one object. */
  readonly kind: "lines" | "list" | "value";
  readonly records: AsyncIterable<SplitRecord>;
}

// As much as an export may have.
const DEPTH = 500;
const NEWLINE = 10;
const QUOTE = 34;
const BACKSLASH = 92;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125] as const;
const SPACES: ReadonlySet<number | undefined> = new Set([9, 10, 13, 32]);

/** Cuts a file of JSON into records without holding more than one of them, and none that is larger than `maxBytes`.
 *  Answers with a sentence for what is no JSON at all. */
export async function splitJson(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<SplitFile | string> {
  const source = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let isEnd = false;
  const more = async (): Promise<void> => {
    const next = await source.next();
    if (next.done === true) isEnd = true;
    else head = Buffer.concat([head, next.value]);
  };
  let start = -1;
  while (!isEnd && start === -1) {
    await more();
    start = firstByte(head);
  }
  const refusal = refusalOf(head, start);
  if (refusal !== undefined) return refusal;
  const rest = async function* (): AsyncIterable<Uint8Array> {
    yield head.subarray(start);
    for (let next = await source.next(); next.done !== true; next = await source.next())
      yield next.value;
  };
  if (head[start] === OPEN_LIST)
    return { kind: "list", records: bracketed(rest(), { depth: 1, maxBytes }) };
  // A first line that is whole says that every line is a record.
  while (!isEnd && head.indexOf(NEWLINE, start) === -1 && head.length < maxBytes) await more();
  const end = head.indexOf(NEWLINE, start);
  const isLines = isObject(head.toString("utf8", start, end === -1 ? head.length : end));
  return isLines
    ? { kind: "lines", records: lines(rest(), maxBytes) }
    : { kind: "value", records: bracketed(rest(), { depth: 0, maxBytes }) };
}

function firstByte(head: Buffer): number {
  const from = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  return head.findIndex((byte, index) => index >= from && !SPACES.has(byte));
}

function refusalOf(head: Buffer, start: number): string | undefined {
  const first = head[start];
  if (first === OPEN_LIST || first === OPEN_OBJECT) return undefined;
  if (first === undefined) return "The file is empty.";
  if (head.subarray(0, 2).toString("latin1") === "PK")
    return "This is a ZIP archive. Unpack it first, then import the files in it.";
  if (first === 0x1f && head[start + 1] === 0x8b)
    return "This file is compressed. Unpack it first.";
  return "This is not JSON.";
}

function isObject(text: string): boolean {
  return typeof read(text, 0, text.length) !== "string";
}

function read(text: string, at: number, sizeBytes: number): SplitRecord | string {
  try {
    const value: unknown = JSON.parse(text);
    if (isDeeper(value, DEPTH))
      return { at, problem: `The record is nested deeper than ${DEPTH} levels.` };
    return isJsonObject(value)
      ? { at, value, sizeBytes }
      : { at, problem: "The record is not a JSON object." };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is nested without end would end whoever walks through it. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function tooLarge(at: number, maxBytes: number): SplitRecord {
  return { at, problem: `The record is larger than ${maxBytes} bytes.` };
}

async function* lines(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<SplitRecord> {
  let held: Uint8Array[] = [];
  let size = 0;
  let at = 0;
  const take = (isLast: boolean): SplitRecord | undefined => {
    at += 1;
    const length = size;
    const text = size > maxBytes ? "" : Buffer.concat(held).toString("utf8").trim();
    held = [];
    size = 0;
    if (length > maxBytes) return tooLarge(at, maxBytes);
    if (text === "") return undefined;
    const record = read(text, at, length);
    if (typeof record !== "string") return record;
    // Whoever wrote the file was stopped in the middle of its last line.
    if (isLast) return { at, problem: "The last line is cut off.", isTorn: true };
    return { at, problem: `The line is not JSON (${record}).` };
  };
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      size += end - from;
      if (size <= maxBytes) held.push(chunk.subarray(from, end));
      from = end + 1;
      const record = take(false);
      if (record !== undefined) yield record;
    }
    size += chunk.length - from;
    if (size <= maxBytes) held.push(chunk.subarray(from));
    else held = [];
  }
  const record = size > 0 ? take(true) : undefined;
  if (record !== undefined) yield record;
}

/** Objects at a depth of brackets. */
async function* bracketed(
  bytes: AsyncIterable<Uint8Array>,
  { depth: outer, maxBytes }: { readonly depth: 0 | 1; readonly maxBytes: number },
): AsyncGenerator<SplitRecord> {
  let held: Uint8Array[] = [];
  let size = 0;
  let at = 0;
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  for await (const chunk of bytes) {
    let from = depth > outer ? 0 : -1;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index];
      if (isEscaped) isEscaped = false;
      else if (isText) {
        if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isText = false;
      } else if (byte === QUOTE) isText = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (depth === outer) from = index;
        depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth -= 1;
        if (depth !== outer || from === -1) continue;
        held.push(chunk.subarray(from, index + 1));
        size += index + 1 - from;
        from = -1;
        at += 1;
        const record =
          size > maxBytes
            ? tooLarge(at, maxBytes)
            : read(Buffer.concat(held).toString("utf8"), at, size);
        held = [];
        size = 0;
        yield typeof record === "string"
          ? { at, problem: `The record is not JSON (${record}).` }
          : record;
      }
    }
    if (from === -1) continue;
    size += chunk.length - from;
    if (size <= maxBytes) held.push(chunk.subarray(from));
    else held = [];
  }
  if (depth > 0) yield { at: at + 1, problem: "The file ends in the middle of a record." };
}
