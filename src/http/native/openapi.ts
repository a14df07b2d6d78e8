import { z } from "zod";
import type { ErrorCode } from "../../model/error-codes.ts";
import type { JsonObject } from "../../model/json.ts";
import { wireHealth } from "../../protocol/answer.ts";
import { wireError } from "../../protocol/error.ts";
import { wireSchemas } from "../../protocol/schema.ts";
import { namesIn, PATH_PARAMETERS } from "./parameters.ts";
import type { Route } from "./route.ts";
import { STATUS } from "./status.ts";

type Schemas = Readonly<Record<string, JsonObject>>;

/** The OpenAPI 3.1 document of the routes, made from the schemas that check the requests. */
export function openApiDocument(
  routes: readonly Route[],
  info: { readonly version: string; readonly basePath: string },
): JsonObject {
  const schemas = jsonSchemas(routes);
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route, schemas);
  const health = { ok: ref("Health"), error: ref("Error") };
  paths["/health"] = {
    get: {
      operationId: "getHealth",
      tags: ["server"],
      summary: "Whether the server answers, and what it runs on. Needs no key",
      security: [],
      responses: {
        "200": { description: "It does.", content: { "application/json": { schema: health.ok } } },
      },
    },
  };
  return {
    openapi: "3.1.0",
    info: {
      title: "Skein",
      version: info.version,
      description:
        "The thread engine for AI agents. JSON in snake_case, times in ISO 8601 UTC, lists as arrays with a Link header. Every write takes an Idempotency-Key; every write to a thread an If-Match.",
    },
    servers: [{ url: info.basePath }],
    security: [{ bearer: [] }, { apiKey: [] }, {}],
    paths,
    components: {
      schemas: Object.fromEntries(
        Array.from(wireSchemas.keys(), (id) => [id, schemas[id] ?? {}] as const),
      ),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
      parameters: {
        user: header("X-Skein-User", "On whose behalf the request acts."),
        idempotencyKey: header(
          "Idempotency-Key",
          "A repetition with the same key gets the original result and writes nothing.",
        ),
        ifMatch: header(
          "If-Match",
          "The ETag that the caller saw last; another one answers 412 version_conflict.",
        ),
      },
    },
  };
}

/** All schemas in one go, so that those with a name are referred to and not repeated. */
function jsonSchemas(routes: readonly Route[]): Schemas {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of wireSchemas) registry.add(schema, { id });
  for (const [name, schema] of Object.entries(PATH_PARAMETERS))
    registry.add(schema.meta({}), { id: `path:${name}` });
  for (const route of routes) {
    registry.add(route.query.meta({}), { id: `query:${route.id}` });
    if (route.answer !== undefined)
      registry.add(z.object({ schema: route.answer }), { id: `answer:${route.id}` });
    if (route.body !== null)
      registry.add(z.object({ schema: route.body }), { id: `body:${route.id}` });
  }
  // Both are used only here, by name.
  registry.add(z.object({ schema: wireError }), { id: "answer:error" });
  registry.add(z.object({ schema: wireHealth }), { id: "answer:health" });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: "input",
    unrepresentable: "any",
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [
      id,
      JSON.parse(JSON.stringify(schema)) as JsonObject,
    ]),
  );
}

function operation(route: Route, schemas: Schemas): JsonObject {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    parameters: [
      ...namesIn(route.path).map((name) => ({
        name,
        in: "path",
        required: true,
        schema: schemas[`path:${name}`] ?? {},
      })),
      ...queryParameters(schemas[`query:${route.id}`] ?? {}),
      { $ref: "#/components/parameters/user" },
      ...(route.method === "GET"
        ? []
        : [
            { $ref: "#/components/parameters/idempotencyKey" },
            { $ref: "#/components/parameters/ifMatch" },
          ]),
    ],
    ...(route.body !== null && {
      requestBody: {
        required: !route.isBodyOptional,
        content: { "application/json": { schema: inner(schemas[`body:${route.id}`]) } },
      },
    }),
    ...(route.id === "putBlob" && {
      requestBody: { required: true, content: { "application/octet-stream": {} } },
    }),
    responses: responses(route, schemas),
  };
}

function queryParameters(query: JsonObject): readonly JsonObject[] {
  const { properties, required } = query;
  const needed = Array.isArray(required) ? required : [];
  return Object.entries((properties ?? {}) as JsonObject).map(([name, schema]) => ({
    name,
    in: "query",
    ...(needed.includes(name) && { required: true }),
    schema: schema ?? {},
    ...(name === "metadata" && { style: "deepObject", explode: true }),
  }));
}

function responses(route: Route, schemas: Schemas): JsonObject {
  const content: Record<string, JsonObject> = {};
  if (route.answer !== undefined)
    content["application/json"] = { schema: inner(schemas[`answer:${route.id}`]) };
  for (const type of route.mediaTypes ?? []) content[type] = {};
  const answer: JsonObject = {
    description: route.status === 204 ? "Done." : "The answer.",
    ...(Object.keys(content).length > 0 && { content }),
  };
  const { status, statusWhenMade = status } = route;
  const answers: Record<string, JsonObject> = {
    [String(status)]: answer,
    [String(statusWhenMade)]: answer,
  };
  for (const [refused, codes] of byStatus(codesOf(route)))
    answers[String(refused)] = {
      description: codes.join(", "),
      content: { "application/json": { schema: ref("Error") } },
    };
  return answers;
}

/** Every code that a route may answer with. */
function codesOf(route: Route): readonly ErrorCode[] {
  const codes: ErrorCode[] = [
    "invalid_request",
    "invalid_id",
    "invalid_text",
    "unknown_field",
    "unauthorized",
    "forbidden",
    "origin_refused",
    "overloaded",
    ...(route.errors ?? []),
  ];
  if (route.path.includes("{thread_id}")) {
    codes.push("thread_not_found", "thread_deleted");
    if (route.method !== "GET") codes.push("version_conflict");
  }
  if (route.body !== null)
    codes.push(
      "invalid_json",
      "limit_exceeded",
      "body_too_large",
      "unsupported_media_type",
      "op_conflict",
    );
  return [...new Set(codes)];
}

function byStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const grouped = new Map<number, readonly ErrorCode[]>();
  for (const code of codes) grouped.set(STATUS[code], [...(grouped.get(STATUS[code]) ?? []), code]);
  if (codes.includes("version_conflict")) grouped.set(412, ["version_conflict"]);
  return grouped;
}

function inner(wrapped: JsonObject | undefined): JsonObject {
  const { schema } = (wrapped?.["properties"] ?? {}) as Readonly<Record<string, JsonObject>>;
  return schema ?? {};
}

function ref(id: string): JsonObject {
  return { $ref: `#/components/schemas/${id}` };
}

function header(name: string, description: string): JsonObject {
  return { name, in: "header", description, schema: { type: "string" } };
}
