import { expect, test } from "vitest";
import type { Json, JsonObject } from "../model/json.ts";
import { schemaProblems } from "./json-schema.ts";

const person: JsonObject = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 2, pattern: "^[A-Z]" },
    age: { type: ["integer", "null"], minimum: 0, maximum: 150 },
    tags: { type: "array", items: { enum: ["a", "b"] }, maxItems: 2 },
    friend: { $ref: "#" },
    contact: { oneOf: [{ required: ["mail"] }, { required: ["phone"] }] },
    point: { prefixItems: [{ type: "number" }, { type: "number" }], items: false },
  },
  required: ["name"],
  additionalProperties: false,
};

const cases: readonly (readonly [Json, readonly string[]])[] = [
  [{ name: "Alice" }, []],
  [{ name: "Alice", age: null, tags: ["a", "b"], friend: { name: "Bob" } }, []],
  ["Alice", ["The input must be object."]],
  [{}, ["`name` is missing."]],
  [{ name: "Alice", color: "red" }, ["`color` is not known."]],
  [{ name: "a" }, ["The length of `name` must be at least 2.", "`name` must match ^[A-Z]."]],
  [{ name: "Alice", age: 1.5 }, ["`age` must be integer or null."]],
  [{ name: "Alice", age: 151 }, ["`age` must be at most 150."]],
  [{ name: "Alice", tags: ["c"] }, ['`tags[0]` must be one of "a", "b".']],
  [{ name: "Alice", tags: ["a", "a", "a"] }, ["The count of `tags` must be at most 2."]],
  [{ name: "Alice", friend: { name: 1 } }, ["`friend.name` must be string."]],
  [
    { name: "Alice", contact: { mail: "", phone: "" } },
    ["`contact` has none of the allowed forms."],
  ],
  [{ name: "Alice", contact: { mail: "" } }, []],
  [{ name: "Alice", point: [1, 2, 3] }, ["`point[2]` is not allowed."]],
];

test.each(cases)("%j", (value, problems) => {
  expect(schemaProblems(value, person)).toEqual(problems);
});

test("an empty schema takes everything", () => {
  expect(schemaProblems([1, { a: null }], {})).toEqual([]);
});

test("a schema that refers to itself comes to an end", () => {
  expect(schemaProblems({ a: 1 }, { $ref: "#" })).toEqual([]);
});
