import type { CallOptions, WriteOptions } from "../../../src/engine/engine.ts";
import { SkeinError } from "../../../src/model/error.ts";
import { connectEvents } from "../event-client.ts";
import type { EventConnection } from "../event-client.ts";
import type { Loose } from "../loose.ts";
import type { Answer, TestServer } from "../server.ts";

export interface Asked {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  readonly options?: WriteOptions | undefined;
}

/** One user's way to a server: a request per call, refusals as errors. */
export interface Remote {
  readonly call: (method: string, path: string, asked?: Asked) => Promise<Answer>;
  readonly listen: (path: string, asked: Asked) => Promise<EventConnection>;
  readonly upload: (
    path: string,
    bytes: Uint8Array,
    mediaType: string,
    options: CallOptions,
  ) => Promise<Answer>;
  readonly download: (
    path: string,
    options: CallOptions,
  ) => Promise<{ readonly bytes: Uint8Array; readonly mediaType: string }>;
  readonly as: (user: string) => Remote;
}

export function remoteOf(server: TestServer, user?: string): Remote {
  const headersOf = ({ opId, userId = user }: WriteOptions): Record<string, string> => ({
    ...(opId !== undefined && { "idempotency-key": opId }),
    ...(userId !== undefined && { "x-skein-user": userId }),
  });
  return {
    as: (name) => remoteOf(server, name),
    call: async (method, path, { query = {}, body, options = {} } = {}) => {
      const sent = { ...body, ...preconditions(options) };
      const isSent = body !== undefined || Object.keys(sent).length > 0;
      const answer = await sending(options, () =>
        server.send(`${path}${search(query)}`, {
          method,
          headers: {
            ...headersOf(options),
            ...(isSent && { "content-type": "application/json" }),
          },
          ...(isSent && { body: JSON.stringify(sent) }),
          ...(options.signal && { signal: options.signal }),
        }),
      );
      if (answer.status >= 400) throw refusal(answer.headers, answer.body);
      return answer;
    },
    listen: async (path, { query = {}, options = {} }) => {
      const url = `${server.url}/api/v1${path}${search(query)}`;
      const signal = options.signal && { signal: options.signal };
      const connection = await sending(options, () =>
        connectEvents(url, { headers: headersOf(options), ...signal }),
      );
      if (connection.status < 400) return connection;
      throw refusal(connection.headers, JSON.parse(await connection.text()));
    },
    upload: async (path, bytes, mediaType, options) => {
      const headers = { ...headersOf(options), "content-type": mediaType };
      const body = new Uint8Array(bytes);
      const answer = await server.send(path, { method: "PUT", headers, body });
      if (answer.status >= 400) throw refusal(answer.headers, answer.body);
      return answer;
    },
    download: async (path, options) => {
      const response = await fetch(`${server.url}/api/v1${path}`, { headers: headersOf(options) });
      const { headers } = response;
      if (response.status >= 400) throw refusal(headers, await response.json());
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { bytes, mediaType: headers.get("content-type") ?? "" };
    },
  };
}

export function path(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

/** The parameters of a link to another page. */
export function linkOf({ headers }: Answer, rel: string): URLSearchParams | undefined {
  for (const link of (headers.get("link") ?? "").split(", ")) {
    const [, target, name] = /^<[^?]*\?(.*)>; rel="(\w+)"$/.exec(link) ?? [];
    if (name === rel) return new URLSearchParams(target);
  }
  return undefined;
}

/** The cursor of the next page of a list. */
export function cursorOf(answer: Answer): { readonly nextCursor?: string } {
  const nextCursor = linkOf(answer, "next")?.get("cursor");
  return nextCursor == null ? {} : { nextCursor };
}

function preconditions({ expectedVersion, expectedHead }: WriteOptions): object {
  return {
    ...(expectedVersion !== undefined && { expected_version: expectedVersion }),
    ...(expectedHead !== undefined && { expected_head: expectedHead }),
  };
}

function search(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

async function sending<T>({ signal }: CallOptions, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new SkeinError("aborted", "The caller gave up.", { cause: error });
  }
}

function refusal(headers: Headers, { error }: Loose): SkeinError {
  const after = headers.get("retry-after");
  return new SkeinError(error.code, error.message, {
    ...(error.field !== undefined && { field: error.field }),
    ...(error.details !== undefined && { details: error.details }),
    ...(after !== null && { retryAfterMs: Number(after) * 1_000 }),
  });
}
