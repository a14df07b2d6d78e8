import { isJsonObject } from "../model/json.ts";
import type { Json, JsonObject } from "../model/json.ts";

const MOST_PROBLEMS = 5;
const MOST_DEPTH = 64;

/** What is wrong with `value` by a JSON Schema, as sentences for a model; empty when nothing is. Knows `type`, `enum`,
 *  `const`, `required`, `properties`, `additionalProperties`, `items`, `prefixItems`, the bounds of numbers, texts and
 *  lists, `pattern`, `anyOf`, `oneOf`, `allOf` and `$ref` within the schema. Other keywords are not checked. */
export function schemaProblems(value: Json, schema: JsonObject): readonly string[] {
  return check(value, schema, { root: schema, path: "", depth: 0 }).slice(0, MOST_PROBLEMS);
}

interface Place {
  readonly root: JsonObject;
  readonly path: string;
  readonly depth: number;
}

function check(value: Json, schema: Json | undefined, place: Place): readonly string[] {
  if (schema === undefined || schema === true) return [];
  if (schema === false) return [`${nameOf(place)} is not allowed.`];
  if (!isJsonObject(schema) || place.depth > MOST_DEPTH) return [];
  const inner = { ...place, depth: place.depth + 1 };
  const target = schema["$ref"];
  if (typeof target === "string") return check(value, resolve(target, place.root), inner);
  const ofType = checkType(value, schema, place);
  // A value of another type breaks every other rule as well, which tells nobody anything.
  if (ofType.length > 0) return ofType;
  return [
    ...checkChoices(value, schema, inner),
    ...(typeof value === "number" ? checkBounds(value, "", schema, place) : []),
    ...(typeof value === "string" ? checkText(value, schema, place) : []),
    ...(Array.isArray(value) ? checkList(value, schema, inner) : []),
    ...(isJsonObject(value) ? checkObject(value, schema, inner) : []),
  ];
}

function checkType(value: Json, schema: JsonObject, place: Place): readonly string[] {
  const { type } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  if (types.length > 0 && !types.some((name) => isOfType(value, name)))
    return [`${nameOf(place)} must be ${types.map(String).join(" or ")}.`];
  const choices = Array.isArray(schema["enum"])
    ? schema["enum"]
    : schema["const"] === undefined
      ? undefined
      : [schema["const"]];
  if (choices === undefined || choices.some((choice) => isSame(choice, value))) return [];
  return [
    `${nameOf(place)} must be one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}.`,
  ];
}

function isOfType(value: Json, type: Json): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function checkChoices(value: Json, schema: JsonObject, place: Place): readonly string[] {
  const { anyOf, oneOf, allOf } = schema;
  const problems: string[] = [];
  if (Array.isArray(allOf)) for (const part of allOf) problems.push(...check(value, part, place));
  for (const [choices, isRight] of [
    [anyOf, (count: number) => count > 0],
    [oneOf, (count: number) => count === 1],
  ] as const) {
    if (!Array.isArray(choices)) continue;
    const fitting = choices.filter((choice) => check(value, choice, place).length === 0);
    if (!isRight(fitting.length)) problems.push(`${nameOf(place)} has none of the allowed forms.`);
  }
  return problems;
}

function checkText(value: string, schema: JsonObject, place: Place): readonly string[] {
  const { pattern } = schema;
  const problems = [...checkBounds(Array.from(value).length, "Length", schema, place)];
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value))
    problems.push(`${nameOf(place)} must match ${pattern}.`);
  return problems;
}

function checkList(value: readonly Json[], schema: JsonObject, place: Place): readonly string[] {
  const { items, prefixItems } = schema;
  const first = Array.isArray(prefixItems) ? prefixItems : [];
  return [
    ...checkBounds(value.length, "Items", schema, place),
    ...value.flatMap((item, index) =>
      check(item, first[index] ?? items, { ...place, path: `${place.path}[${index}]` }),
    ),
  ];
}

function checkObject(value: JsonObject, schema: JsonObject, place: Place): readonly string[] {
  const { required, properties, additionalProperties } = schema;
  const at = (key: string): Place => ({
    ...place,
    path: place.path === "" ? key : `${place.path}.${key}`,
  });
  const known = properties !== undefined && isJsonObject(properties) ? properties : {};
  const problems: string[] = [];
  for (const key of Array.isArray(required) ? required : [])
    if (typeof key === "string" && !Object.hasOwn(value, key))
      problems.push(`${nameOf(at(key))} is missing.`);
  for (const [key, inner] of Object.entries(value))
    if (Object.hasOwn(known, key)) problems.push(...check(inner, known[key], at(key)));
    else if (additionalProperties === false) problems.push(`${nameOf(at(key))} is not known.`);
    else problems.push(...check(inner, additionalProperties, at(key)));
  return problems;
}

function checkBounds(
  size: number,
  of: "" | "Length" | "Items",
  schema: JsonObject,
  place: Place,
): readonly string[] {
  const low = schema[of === "" ? "minimum" : `min${of}`];
  const high = schema[of === "" ? "maximum" : `max${of}`];
  const what =
    of === "" ? nameOf(place) : `The ${of === "Items" ? "count" : "length"} of ${nameOf(place)}`;
  const problems: string[] = [];
  if (typeof low === "number" && size < low) problems.push(`${what} must be at least ${low}.`);
  if (typeof high === "number" && size > high) problems.push(`${what} must be at most ${high}.`);
  return problems;
}

function resolve(target: string, root: JsonObject): Json | undefined {
  if (!target.startsWith("#")) return true;
  let found: Json | undefined = root;
  for (const step of target.slice(1).split("/").filter(Boolean)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (found === undefined || !isJsonObject(found)) return true;
    found = found[key];
  }
  return found;
}

function isSame(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function nameOf({ path }: Place): string {
  return path === "" ? "The input" : `\`${path}\``;
}
