import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import { abortedError } from "./abort.ts";

const MESSAGE_LIMIT = 300;
const MINUTE_MS = 60_000;
/** Statuses after which the same request may succeed; others are the request's own fault. */
const RETRYABLE_STATUS = new Set([408, 409, 425, 429]);

/** What a failure looks like to us, whichever copy or version of a provider package threw it. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  /** The answer began well and could not be read to its end. */
  readonly isBroken: boolean;
  readonly isRetryable: boolean | undefined;
  readonly headers: unknown;
  readonly url: string | undefined;
}

export interface FailedCall {
  /** The model's id, for the message. */
  readonly model: string;
  /** The environment variable that holds the provider's key, for the message. */
  readonly keyVariable: string | undefined;
  readonly signal: AbortSignal;
  readonly now: number;
}

/** Turns whatever a provider package throws into the errors that `Model.stream` promises. The original is
 *  not kept as `cause`: it carries the request's body and headers. */
export function toModelError(error: unknown, call: FailedCall): SkeinError {
  if (call.signal.aborted) return abortedError();
  if (isSkeinError(error)) return error;
  const failure = read(error);
  const { status } = failure;
  const details: JsonObject = {
    model: call.model,
    isRetryable: isRetryable(failure),
    ...(status !== undefined && { status }),
  };
  if (failure.name === "AI_UnsupportedFunctionalityError")
    return new SkeinError(
      "unsupported_part",
      `${call.model} cannot take this message: ${failure.message}`,
      { details: { model: call.model } },
    );
  if (status === 401)
    return new SkeinError(
      "model_not_configured",
      `The provider of ${call.model} refused the key. Check ${call.keyVariable ?? "its key"}.`,
      { details },
    );
  if (status === 404)
    return new SkeinError(
      "model_not_configured",
      `The provider does not know ${call.model}${at(failure)}: ${failure.message}`,
      { details },
    );
  const retryAfterMs = readRetryAfter(failure.headers, call.now);
  return new SkeinError("model_error", describe(call.model, failure), {
    details,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function describe(model: string, failure: Failure): string {
  if (failure.status !== undefined)
    return `The provider of ${model} answered ${failure.status}: ${failure.message}`;
  if (failure.isBroken) return `The stream of ${model} broke off.`;
  if (failure.name === "AI_APICallError")
    return `Cannot reach the provider of ${model}${at(failure)}: ${failure.message}`;
  if (
    failure.name === "AI_InvalidResponseDataError" ||
    failure.name === "AI_NoOutputGeneratedError"
  )
    return `The stream of ${model} ended before the answer did.`;
  if (failure.name === "AI_JSONParseError" || failure.name === "AI_TypeValidationError")
    return `The answer of ${model} has a form that cannot be read.`;
  return `The call of ${model} failed: ${failure.message}`;
}

function read(error: unknown): Failure {
  const fields = typeof error === "object" && error !== null ? error : { message: String(error) };
  const statusCode = field(fields, "statusCode");
  // A body that breaks off is reported with the status of its beginning, which was a success.
  const status = typeof statusCode === "number" && statusCode >= 400 ? statusCode : undefined;
  const retryable = field(fields, "isRetryable");
  const name = field(fields, "name");
  const url = field(fields, "url");
  const message = field(fields, "message");
  return {
    name: typeof name === "string" ? name : "",
    message: safeMessage(typeof message === "string" ? message : "no reason was given"),
    status,
    isBroken: typeof statusCode === "number" && status === undefined,
    isRetryable: typeof retryable === "boolean" ? retryable : undefined,
    headers: field(fields, "responseHeaders"),
    url: typeof url === "string" ? url : undefined,
  };
}

function field(value: object, name: string): unknown {
  return name in value ? Reflect.get(value, name) : undefined;
}

function isRetryable({ status, isBroken, isRetryable, name }: Failure): boolean {
  if (isBroken) return true;
  if (status !== undefined) return status >= 500 || RETRYABLE_STATUS.has(status);
  if (isRetryable !== undefined) return isRetryable;
  // A broken connection or a stream cut short says nothing about the request.
  return name !== "AI_InvalidPromptError" && name !== "AI_LoadAPIKeyError";
}

// Providers repeat parts of a wrong key in their message.
const SECRET = /\b(?:(?:sk|pk|rk|gsk|xai|key)[-_]|AIza|Bearer\s+)[\w*.-]{8,}/gi;

function safeMessage(message: string): string {
  const head = message.slice(0, 4 * MESSAGE_LIMIT);
  const line = head.replaceAll(/\s+/g, " ").replaceAll(SECRET, "[key]").trim();
  return line.length > MESSAGE_LIMIT ? `${line.slice(0, MESSAGE_LIMIT)}…` : line;
}

/** ` at https://host/path`: without the query and the user part, where keys may stand. */
function at({ url }: Failure): string {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed === null ? "" : ` at ${parsed.origin}${parsed.pathname}`;
}

function readRetryAfter(headers: unknown, now: number): number | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const milliseconds = Number(field(headers, "retry-after-ms"));
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return Math.ceil(milliseconds);
  const value = field(headers, "retry-after");
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - now;
  // A broken clock or header must not park a run for days.
  return Number.isFinite(wait) ? Math.min(Math.max(0, Math.ceil(wait)), 60 * MINUTE_MS) : undefined;
}
