import type { z } from "zod";
import { ERROR_CODES } from "../../model/error-codes.ts";
import type { ErrorCode } from "../../model/error-codes.ts";
import { SkeinError } from "../../model/error.ts";

type Issue = z.core.$ZodIssue;

/** The value as the schema has it. Throws a SkeinError that names the field in the wire's spelling: inside of `whole`, or `field`
 *  where the value is one field. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, whole: string, field = ""): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw toSkeinError(result.error.issues, whole, field);
}

function toSkeinError(issues: readonly Issue[], whole: string, base: string): SkeinError {
  const issue = deepest(issues);
  if (issue === undefined) return new SkeinError("invalid_request", `${whole} is not valid.`);
  const field = fieldOf(base === "" ? issue.path : [base, ...issue.path]);
  if (issue.code === "unrecognized_keys") {
    const unknown = fieldOf([...issue.path, issue.keys[0] ?? ""]);
    return new SkeinError("unknown_field", `${whole} has an unknown field ${unknown}.`, {
      field: unknown,
    });
  }
  const name = field === "" ? whole : field;
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return new SkeinError("invalid_request", `${name} is missing.`, { field: name });
  return new SkeinError(codeOf(issue), `${name}: ${sentence(issue.message)}`, {
    ...(field !== "" && { field }),
  });
}

/** The issue that says most: the first one, and inside a union the alternative that got furthest. */
function deepest(issues: readonly Issue[]): Issue | undefined {
  const [issue] = issues;
  if (issue === undefined) return undefined;
  if (issue.code === "invalid_union") {
    const inner = issue.errors
      .map((alternative) => deepest(alternative))
      .filter((candidate) => candidate !== undefined)
      .sort((a, b) => rank(b) - rank(a))[0];
    return inner === undefined ? issue : { ...inner, path: [...issue.path, ...inner.path] };
  }
  if (issue.code === "invalid_key") {
    const inner = deepest(issue.issues);
    return inner === undefined ? issue : { ...inner, path: issue.path };
  }
  return issue;
}

// An alternative of the right type that is wrong inside says more than one of another type.
function rank(issue: Issue): number {
  return issue.path.length * 2 + (issue.code === "invalid_type" ? 0 : 1);
}

function codeOf(issue: Issue): ErrorCode {
  const code: unknown = issue.code === "custom" ? issue.params?.["code"] : undefined;
  return typeof code === "string" && isErrorCode(code) ? code : "invalid_request";
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function fieldOf(path: readonly PropertyKey[]): string {
  let field = "";
  for (const key of path)
    field += typeof key === "number" ? `[${key}]` : `${field === "" ? "" : "."}${String(key)}`;
  return field;
}

function sentence(message: string): string {
  return /[.!]$/.test(message) ? message : `${message}.`;
}
