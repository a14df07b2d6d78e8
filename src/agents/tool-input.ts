import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { SkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { ToolCallPart } from "../model/part.ts";
import type { Tool } from "./agent.ts";
import { schemaProblems } from "./json-schema.ts";
import type { ModelTool } from "./models/model.ts";

export type CheckedInput =
  | { readonly isValid: true; readonly input: Json }
  | { readonly isValid: false; readonly problem: string };

/** The tool as a model sees it.
 *  @throws SkeinError  `unsupported_capability` for a schema that cannot be written as JSON Schema */
export function modelToolOf({ name, description, input }: Tool): ModelTool {
  return { name, description, inputSchema: jsonSchemaOf(name, input) };
}

/** Checks what the model wrote. A standard schema may also change it. */
export async function checkToolInput(
  { input: schema }: Tool,
  call: ToolCallPart,
): Promise<CheckedInput> {
  const input = call.input ?? (call.inputText.trim() === "" ? {} : undefined);
  if (input === undefined)
    return { isValid: false, problem: "The arguments are not valid JSON. Send them again." };
  if (!isStandard(schema)) {
    const problems = schemaProblems(input, schema);
    return problems.length === 0
      ? { isValid: true, input }
      : { isValid: false, problem: problems.join(" ") };
  }
  const result = await schema["~standard"].validate(input);
  if (result.issues !== undefined)
    return { isValid: false, problem: result.issues.map(issueText).join(" ") };
  const json = JSON.stringify(result.value);
  const value: Json = json === undefined ? null : JSON.parse(json);
  return { isValid: true, input: value };
}

function jsonSchemaOf(tool: string, schema: Tool["input"]): JsonObject {
  if (!isStandard(schema)) return schema;
  if (!hasJsonSchema(schema))
    throw new SkeinError(
      "unsupported_capability",
      `The schema of tool ${tool} cannot be written as JSON Schema. Use a newer version of its library, or give JSON Schema.`,
      { field: "tools" },
    );
  const converted = schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  const { $schema: _dialect, ...plain } = converted;
  const json: unknown = JSON.parse(JSON.stringify(plain));
  return isJsonObject(json) ? json : {};
}

function isStandard(schema: Tool["input"]): schema is StandardSchemaV1 {
  return "~standard" in schema;
}

function hasJsonSchema(
  schema: StandardSchemaV1,
): schema is StandardSchemaV1 & StandardJSONSchemaV1 {
  return "jsonSchema" in schema["~standard"];
}

function issueText({ message, path = [] }: StandardSchemaV1.Issue): string {
  const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
  return keys.length === 0 ? message : `\`${keys.join(".")}\`: ${message}.`;
}
