import { SkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import { ByteBudget } from "./byte-budget.ts";
import { NodeRequest } from "./node-request.ts";
import type { HttpRequest } from "./node-request.ts";

const DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A body of up to this size is read in one piece. */
export const SMALL_BYTES = 65_536;

/** What the bodies that are being read may hold together, in the whole process: 256 MiB. */
export const bodyBudget: ByteBudget = new ByteBudget(268_435_456);

/** The body's bytes. Throws `body_too_large` before more than `limit` bytes are held, also for a chunked body; `overloaded` when
 *  the bodies of other requests leave no room; `aborted` when the client leaves before the body is whole. */
export async function readBytes(
  request: HttpRequest,
  limit: number,
  budget: ByteBudget = bodyBudget,
): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limit) throw tooLarge(limit);
  if (request instanceof NodeRequest)
    return declared === null ? new Uint8Array() : readWhole(request, Number(declared), budget);
  if (declared === null && request.headers.get("transfer-encoding") === null && !request.body)
    return new Uint8Array();
  if (declared === null || !(Number(declared) <= SMALL_BYTES))
    return readChunks(request, limit, budget);
  return readWhole(request, Number(declared), budget);
}

async function readWhole(
  request: HttpRequest,
  sizeBytes: number,
  budget: ByteBudget,
): Promise<Uint8Array> {
  budget.take(sizeBytes);
  try {
    return request instanceof NodeRequest
      ? await untilLeft(request.bytes())
      : new Uint8Array(await untilLeft(request.arrayBuffer()));
  } finally {
    budget.release(sizeBytes);
  }
}

// Counted as it arrives: a length that was only declared takes no room from others.
async function readChunks(
  request: Request,
  limit: number,
  budget: ByteBudget,
): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await untilLeft(reader.read());
      if (done) return Buffer.concat(chunks);
      if (size + value.byteLength > limit) throw tooLarge(limit);
      budget.take(value.byteLength);
      size += value.byteLength;
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    budget.release(size);
  }
}

// A body breaks off only because of its sender.
async function untilLeft<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new SkeinError("aborted", "The client left before the body was whole.", { cause });
  }
}

/** Throws `unsupported_media_type` unless the body is declared as JSON. */
export function requireJsonType(request: HttpRequest): void {
  const type = request.headers.get("content-type");
  if (type !== null && /^application\/json\s*(?:;\s*charset="?utf-?8"?\s*)?;?$/i.test(type.trim()))
    return;
  throw new SkeinError(
    "unsupported_media_type",
    type === null
      ? "Send the body with Content-Type: application/json."
      : `Send the body as application/json, not as ${type.slice(0, 100)}.`,
    { field: "Content-Type" },
  );
}

/** Parses a body. Throws `invalid_json`, and `invalid_request` for what would be dangerous to keep: nesting deeper than 64, a key `__proto__`. */
export function parseJson(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new SkeinError(
      "invalid_json",
      `The body is not valid JSON: ${error instanceof SyntaxError ? positionIn(error) : "it is not UTF-8"}.`,
    );
  }
  checkShape(value, 1);
  return value;
}

// The parser's message quotes the body; only where it stopped is passed on.
function positionIn(error: SyntaxError): string {
  return /at position \d+/.exec(error.message)?.[0] ?? "it ends too early";
}

function checkShape(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > DEPTH)
    throw new SkeinError("invalid_request", `The body is nested deeper than ${DEPTH} levels.`, {
      details: { limit: DEPTH },
    });
  if (Array.isArray(value)) {
    for (const item of value) checkShape(item, depth + 1);
    return;
  }
  if (!isJsonObject(value)) return;
  if (Object.hasOwn(value, "__proto__"))
    throw new SkeinError("invalid_request", "A key `__proto__` is not accepted.", {
      field: "__proto__",
    });
  for (const item of Object.values(value)) checkShape(item, depth + 1);
}

function tooLarge(limit: number): SkeinError {
  return new SkeinError("body_too_large", `The body is over the limit of ${limit} bytes.`, {
    details: { limit },
  });
}
