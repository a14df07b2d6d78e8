import type { z } from "zod";
import { ERROR_CODES } from "../../model/error-codes.ts";
import type { ErrorCode } from "../../model/error-codes.ts";
import { SkeinError } from "../../model/error.ts";
import { ruleOf } from "./describe-issue.ts";
import type { Issue } from "./describe-issue.ts";

/** The value as the schema has it. Throws a SkeinError that names the field in the wire's spelling: inside of `whole`, or `field`
 *  where the value is one field. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, whole: string, field = ""): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw toSkeinError(deepest(result.error.issues), value, whole, field);
}

function toSkeinError(
  issue: Issue | undefined,
  value: unknown,
  whole: string,
  base: string,
): SkeinError {
  if (issue === undefined) return new SkeinError("invalid_request", `${whole} is not valid.`);
  const field = fieldOf(base === "" ? issue.path : [base, ...issue.path]);
  if (issue.code === "unrecognized_keys") {
    const unknown = fieldOf([...issue.path, issue.keys[0] ?? ""]);
    return new SkeinError("unknown_field", `${whole} has an unknown field ${unknown}.`, {
      field: unknown,
    });
  }
  const name = field === "" ? whole : field;
  const rule = isAbsent(value, issue.path) ? "is missing" : ruleOf(issue);
  return new SkeinError(codeOf(issue), `${name} ${rule}.`, {
    ...(field !== "" && { field }),
  });
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return true;
    inner = Reflect.get(inner, key);
  }
  return inner === undefined;
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
    // What fits no alternative at all is told what they are.
    if (inner === undefined || inner.path.length === 0) return issue;
    return { ...inner, path: [...issue.path, ...inner.path] };
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
