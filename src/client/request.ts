import { ERROR_CODES } from "../model/error-codes.ts";
import type { ErrorCode } from "../model/error-codes.ts";
import { SkeinError } from "../model/error.ts";
import type { WireError } from "../protocol/error.ts";

export interface ClientOptions {
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string;
  /** On whose behalf. */
  readonly userId?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Added to every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The same key again gets the first answer and changes nothing. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends requests to a server and turns its refusals into errors. */
export interface Requester {
  /** @throws SkeinError  as the server says; `store_unavailable` when it does not answer */
  readonly send: (method: string, path: string, options?: RequestOptions) => Promise<Response>;
  /** The same, with the answer's JSON. Its type is the caller's word. */
  readonly json: <T>(method: string, path: string, options?: RequestOptions) => Promise<T>;
}

/** @param url  where the server is, with or without `/api/v1` */
export function requester(url: string, client: ClientOptions = {}): Requester {
  const base = baseOf(url);
  const { fetch = globalThis.fetch } = client;
  const common = {
    ...(client.apiKey !== undefined && { authorization: `Bearer ${client.apiKey}` }),
    ...(client.userId !== undefined && { "x-skein-user": client.userId }),
    ...client.headers,
  };
  const send: Requester["send"] = async (method, path, options = {}) => {
    const { query = {}, body, headers, idempotencyKey, signal } = options;
    const target = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const response = await answered(
      fetch(target, {
        method,
        headers: {
          ...common,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      }),
      signal,
    );
    if (!response.ok) throw await errorOf(response);
    return response;
  };
  return {
    send,
    async json<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
      const response = await send(method, path, options);
      // What the server answers is described by its OpenAPI document.
      return (await response.json()) as T;
    },
  };
}

function baseOf(url: string): string {
  const parsed = new URL(url);
  const path = parsed.pathname.replace(/\/+$/, "");
  return `${parsed.origin}${path.endsWith("/api/v1") ? path : `${path}/api/v1`}`;
}

async function answered(
  asked: Promise<Response>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await asked;
  } catch (cause) {
    if (signal?.aborted === true)
      throw new SkeinError("aborted", "The caller aborted the request.", { cause });
    throw new SkeinError("store_unavailable", "The server does not answer. Try again.", {
      cause,
      retryAfterMs: 1000,
    });
  }
}

async function errorOf(response: Response): Promise<SkeinError> {
  const body = (await response.json().catch(() => null)) as WireError | null;
  const error = body?.error;
  const retryAfter = Number(response.headers.get("retry-after"));
  const after = retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {};
  // A proxy may stand in between.
  if (error === undefined || !isKnown(error.code))
    return new SkeinError("internal", `The server answered ${response.status}.`, after);
  const { code, message, field, details } = error;
  return new SkeinError(code, message, {
    ...after,
    ...(field !== undefined && { field }),
    ...(details && { details }),
  });
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
