import type { z } from "zod";

export type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a JSON object",
  record: "a JSON object",
  null: "null",
};

const MOST_VALUES = 20;

/** What a value must be, to follow its name in a sentence. */
export function ruleOf(issue: Issue): string {
  // Rules that the schemas spell themselves.
  if (issue.message.startsWith("must ")) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? `of the type ${issue.expected}`}`;
    case "too_small":
      return `must be ${sized(issue.origin, issue.exact ? "" : "at least", issue.minimum)}`;
    case "too_big":
      return `must be ${sized(issue.origin, issue.exact ? "" : "at most", issue.maximum)}`;
    case "invalid_value":
      return `must be ${oneOf(issue.values)}`;
    case "invalid_union":
      return "options" in issue && Array.isArray(issue.options)
        ? `must be ${oneOf(issue.options)}`
        : "has a type that is not accepted here";
    case "invalid_key":
      return "is not accepted as a name";
    default:
      return "is not valid";
  }
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  const amount = bound === "" ? String(limit) : `${bound} ${limit}`;
  const plural = Number(limit) === 1 ? "" : "s";
  if (origin === "string") return `a text of ${amount} character${plural}`;
  if (origin === "array" || origin === "set") return `a list of ${amount} item${plural}`;
  if (origin === "int") return `a whole number of ${amount}`;
  if (origin === "number") return `a number of ${amount}`;
  return `of a size of ${amount}`;
}

function oneOf(values: readonly unknown[]): string {
  const names = values.slice(0, MOST_VALUES).map(String);
  if (values.length > MOST_VALUES) names.push("…");
  return names.length === 1 ? String(names[0]) : `one of ${names.join(", ")}`;
}
