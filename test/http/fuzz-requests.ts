import fc from "fast-check";
import type { Loose } from "./loose.ts";

/** One request, with `@kind:n` where an id is to be filled in that the server has given out. */
export interface FuzzRequest {
  readonly method: string;
  /** With `{name}` for each parameter. */
  readonly template: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Statuses that the document names for this operation. */
  readonly documented: readonly string[];
}

/** More threads are made than deleted, so that the other requests have something to work on. */
const WEIGHTS: Readonly<Record<string, number>> = {
  createThread: 30,
  postMessage: 30,
  deleteThread: 1,
  getHealth: 1,
  listAgents: 1,
};

/** Optional fields that are rarer or more frequent than others, in percent. */
const OFTEN: Readonly<Record<string, number>> = {
  expected_version: 5,
  user_id: 4,
  initial_message: 60,
  if_missing: 5,
};

const junkText = fc.oneof(
  fc.constantFrom("", "\0", "a\ud800b", "..", "../..", "%00", "\u202e", "' OR 1=1 --", "\r\nX: y"),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.integer({ min: 100, max: 3_000 }).map((length) => "x".repeat(length)),
);

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 2 ** 53, 1e308, [], {}, [[[]]]),
  junkText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(JSON.parse('{"__proto__":{"polluted":true}}')),
  fc.constant(JSON.parse(`${"[".repeat(80)}${"]".repeat(80)}`)),
);

/** Ids and names that lead somewhere, by the name of the field or parameter. */
const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
  thread_id: token("thread"),
  message_id: token("message"),
  parent_id: token("message"),
  before: token("message"),
  run_id: token("run"),
  offset: fc.constantFrom("-1", "now", "0000.00.00000000", "~"),
  branch: fc.constantFrom("main", "main~1", "idea"),
  from: fc.constantFrom("main", "main~1"),
  name: fc.constantFrom("idea", "plan", "main", "main~1"),
  user: fc.constantFrom("alice", "bob"),
  user_id: fc.constantFrom("alice", "bob", "local"),
  agent_id: fc.constantFrom("assistant", "my-agent", "nobody"),
  q: fc.constantFrom("message", '"a phrase', "-not", "pre*", "OR OR", "(", "NEAR(a b)", '"'),
  model: fc.constantFrom("demo", "openai/none", "nonsense"),
};

function token(kind: string): fc.Arbitrary<string> {
  return fc.nat(1_000).map((n) => `@${kind}:${n}`);
}

/** The value in `percent` of all cases. */
function maybe<T>(arbitrary: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: percent, arbitrary },
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
  );
}

/** Requests for every operation of an OpenAPI document: most follow it, many are wrong in some way. */
export function fuzzRequests(document: Loose): fc.Arbitrary<FuzzRequest> {
  const operations = Object.entries<Loose>(document.paths).flatMap(([template, verbs]) =>
    Object.entries<Loose>(verbs).map(([verb, operation]) => ({
      weight: WEIGHTS[operation.operationId] ?? 6,
      arbitrary: requestFor(document, template, verb.toUpperCase(), operation),
    })),
  );
  return fc.oneof(...operations);
}

function requestFor(
  document: Loose,
  template: string,
  method: string,
  operation: Loose,
): fc.Arbitrary<FuzzRequest> {
  const parameters: readonly Loose[] = (operation.parameters ?? []).filter(
    ({ name }: Loose) => name !== undefined,
  );
  const valueOf = ({ name, schema }: Loose): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 20, arbitrary: fieldOf(document, name, schema) },
      { weight: 1, arbitrary: junkText },
    );
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return fc
    .record({
      path: fc.record(Object.fromEntries(inPath.map((one) => [one.name, valueOf(one)]))),
      query: fc.record(
        Object.fromEntries(
          inQuery.map((one) => [one.name, maybe(valueOf(one), one.required === true ? 95 : 25)]),
        ),
      ),
      extra: maybe(junkText, 3),
      headers: headersFor(schema !== undefined),
      body: schema === undefined ? fc.constant(undefined) : bodyOf(document, schema),
    })
    .map(({ path, query, extra, headers, body }) => ({
      method,
      template,
      path: fillPath(template, path) + queryString(query, extra),
      headers,
      body,
      documented: Object.keys(operation.responses),
    }));
}

function headersFor(hasBody: boolean): fc.Arbitrary<Record<string, string>> {
  return fc
    .record({
      "x-skein-user": maybe(fc.constantFrom("alice", "bob", "local", "*", "x".repeat(200)), 4),
      "idempotency-key": maybe(fc.constantFrom("k1", "k2", '"k3"', "a b", "x".repeat(200)), 8),
      "if-match": maybe(fc.constantFrom('"1"', '"2"', "*", 'W/"3"', "x", ""), 8),
      "if-none-match": maybe(fc.constantFrom('"1"', "*", "x"), 8),
      "last-event-id": maybe(fc.constantFrom("0", "3", "99999", "x", "-1"), 8),
      accept: maybe(fc.constantFrom("text/event-stream", "application/json"), 8),
      "content-type": fc
        .nat(30)
        .map((n) =>
          n === 0 && hasBody ? "text/plain" : hasBody || n > 15 ? "application/json" : undefined,
        ),
    })
    .map((headers) =>
      Object.fromEntries(
        Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ),
    );
}

function bodyOf(document: Loose, schema: Loose): fc.Arbitrary<string | undefined> {
  const right = valueFor(document, schema, 0);
  const wrong = fc
    .tuple(right, fc.constantFrom("replace", "drop", "add"), fc.nat(20), junk)
    .map(([value, way, at, bad]) => spoilt(value, way, at, bad));
  return fc.oneof(
    { weight: 16, arbitrary: right.map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: wrong.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        junk.map((value) => JSON.stringify(value)),
        junkText,
      ),
    },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function spoilt(value: unknown, way: string, at: number, bad: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return bad;
  const keys = Object.keys(value);
  const key = keys[at % Math.max(1, keys.length)];
  if (way === "add" || key === undefined) return { ...value, [`extra${at}`]: bad };
  const { [key]: _old, ...rest } = value as Record<string, unknown>;
  return way === "drop" ? rest : { ...rest, [key]: bad };
}

function fieldOf(document: Loose, name: string, schema: Loose): fc.Arbitrary<unknown> {
  const lead = known[name];
  if (lead === undefined) return valueFor(document, schema, 1);
  return fc.oneof(
    { weight: 5, arbitrary: lead },
    { weight: 1, arbitrary: valueFor(document, schema, 1) },
  );
}

/** Values that a JSON Schema allows. */
function valueFor(document: Loose, schema: Loose, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const id = String(schema.$ref).replace("#/components/schemas/", "");
    return valueFor(document, document.components.schemas[id], depth);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const either: readonly Loose[] | undefined = schema.anyOf ?? schema.oneOf;
  if (either !== undefined)
    return fc.oneof(...either.map((option) => valueFor(document, option, depth)));
  switch (schema.type) {
    case "string":
      return textFor(schema);
    case "integer":
    case "number": {
      const { minimum: min = 0, maximum = min + 40 } = schema;
      return fc.oneof(fc.integer({ min, max: Math.min(maximum, min + 40) }), fc.constant(min));
    }
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valueFor(document, schema.items ?? {}, depth + 1), {
        minLength: schema.minItems ?? 0,
        maxLength: (schema.minItems ?? 0) + 3,
      });
    case "object":
      return objectFor(document, schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectFor(document: Loose, schema: Loose): fc.Arbitrary<unknown> {
  if (schema.properties === undefined)
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 1 }), {
      maxKeys: 4,
    });
  const required: readonly string[] = schema.required ?? [];
  const fields = Object.entries<Loose>(schema.properties).map(([name, field]) => {
    const value = fieldOf(document, name, field);
    const percent = OFTEN[name] ?? 20;
    return [name, required.includes(name) ? value : maybe(value, percent)] as const;
  });
  return fc
    .record(Object.fromEntries(fields))
    .map((value) =>
      Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)),
    );
}

function textFor(schema: Loose): fc.Arbitrary<string> {
  if (schema.format === "date-time") return fc.constantFrom("2026-01-31", "2026-01-31T10:00:00Z");
  if (schema.format === "uri") return fc.webUrl();
  // What fast-check cannot look ahead for is refused by the server, which is as good.
  if (schema.pattern !== undefined)
    return fc.stringMatching(new RegExp(String(schema.pattern).replace(/\(\?!.*?\)/, "")));
  return fc.string({
    unit: "grapheme",
    minLength: schema.minLength ?? 0,
    maxLength: Math.min(schema.maxLength ?? 60, 60),
  });
}

function fillPath(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encode(String(values[name])));
}

function queryString(query: Readonly<Record<string, unknown>>, extra: string | undefined): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (typeof value === "object" && value !== null)
      return Object.entries(value).map(
        ([key, inner]) => `${name}[${encode(key)}]=${encode(String(inner))}`,
      );
    return [`${name}=${encode(typeof value === "string" ? value : JSON.stringify(value))}`];
  });
  if (extra !== undefined) pairs.push(encode(extra));
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

// Tokens stay readable; half surrogates, which cannot be encoded, go as broken escapes.
function encode(text: string): string {
  if (/^@\w+:\d+$/.test(text)) return text;
  return text.isWellFormed() ? encodeURIComponent(text) : "%ed%a0%80";
}
