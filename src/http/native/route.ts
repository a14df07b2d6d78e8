import type { z } from "zod";
import type { ErrorCode } from "../../model/error-codes.ts";
import { LIMITS } from "../../model/limits.ts";
import type { Caller } from "../auth.ts";
import type { Bindings } from "../bindings.ts";
import type { HttpRequest } from "../node-request.ts";
import type { Reply } from "../reply.ts";
import { parseJson, readBytes, requireJsonType } from "../body.ts";
import type { Call, Services } from "./call.ts";
import { actingUser, preconditionsOf } from "./preconditions.ts";
import { parameterReader } from "./parameters.ts";
import { parseQuery } from "./query-string.ts";
import { validate } from "./validate.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What the OpenAPI document says of a route, beside its schemas. */
export interface Description {
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  readonly status: number;
  /** Of the same answer, where what was asked for had to be made. */
  readonly statusWhenMade?: number;
  /** Of a JSON answer; absent for an empty one. */
  readonly answer?: z.ZodType;
  /** Of an answer that is not JSON only. */
  readonly mediaTypes?: readonly string[];
  readonly errors?: readonly ErrorCode[];
}

interface Definition<Path extends string, Query, Body> extends Description {
  readonly method: Method;
  readonly path: Path;
  readonly query: z.ZodType<Query>;
  /** `null`: the route takes no JSON body. */
  readonly body: z.ZodType<Body> | null;
  /** An empty body counts as `{}`. */
  readonly isBodyOptional?: boolean;
  /** Of the body. Default 8 MiB. */
  readonly maxBytes?: number;
  handle(call: Call<Path, Query, Body>): Promise<Reply | Response> | Reply | Response;
}

export interface RawCall {
  readonly request: HttpRequest;
  readonly bindings: Bindings | undefined;
  readonly caller: Caller;
  readonly services: Services;
  /** The path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** A route with its types closed over. */
export interface Route extends Description {
  readonly method: Method;
  readonly path: string;
  readonly query: z.ZodType;
  readonly body: z.ZodType | null;
  readonly isBodyOptional: boolean;
  respond(call: RawCall): Promise<Reply | Response>;
}

/** A route: everything of the request is checked before `handle` sees it. */
export function route<Path extends string, Query, Body>(
  definition: Definition<Path, Query, Body>,
): Route {
  const { query: querySchema, body: bodySchema, isBodyOptional = false } = definition;
  const { maxBytes = LIMITS.bodyBytes } = definition;
  const readParameters = parameterReader(definition.path);
  return {
    ...definition,
    isBodyOptional,
    respond: async ({ request, bindings, caller, services, params }) => {
      const parameters = readParameters(params);
      const query = validate(querySchema, parseQuery(searchOf(request.url)), "The query");
      const sent =
        bodySchema === null ? undefined : await readJson(request, isBodyOptional, maxBytes);
      const body = bodySchema === null ? undefined : validate(bodySchema, sent, "The body");
      const reading = actingUser(caller, request.headers, sent);
      return definition.handle({
        params: parameters,
        query,
        // Without a schema the type is unknown, and undefined is what there is.
        body: body as Body,
        services,
        skein: services.skein,
        caller,
        reading,
        writing: { ...reading, ...preconditionsOf(request.headers, sent) },
        request,
        bindings,
        wantsEvents: /\btext\/event-stream\b/.test(request.headers.get("accept") ?? ""),
      });
    },
  };
}

async function readJson(
  request: HttpRequest,
  isOptional: boolean,
  maxBytes: number,
): Promise<unknown> {
  const hasType = request.headers.get("content-type") !== null;
  // The type is checked before megabytes of another kind are read.
  if (hasType) requireJsonType(request);
  const bytes = await readBytes(request, maxBytes);
  if (bytes.byteLength === 0 && isOptional) return {};
  requireJsonType(request);
  return parseJson(bytes);
}

function searchOf(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return "";
  const end = url.indexOf("#", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
