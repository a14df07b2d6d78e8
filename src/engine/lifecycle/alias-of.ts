import { checkLine } from "../../model/check.ts";
import { SkeinError } from "../../model/error.ts";
import type { OpenInput } from "./lifecycle-calls.ts";

const ALIAS_CHARACTERS = 256;

/** The one alias that is asked for, as text.
 *  @throws SkeinError  `invalid_request` */
export function aliasOf(input: OpenInput): string {
  const { alias, user, topic, project, feature, session }: Partial<Record<string, unknown>> = {
    ...input,
  };
  const ways = [
    ["alias", alias],
    ["user", user],
    ["project", project],
    ["feature", feature],
    ["session", session],
  ] as const;
  const given = ways.filter(([, value]) => value !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1)
    throw new SkeinError(
      "invalid_request",
      "One of alias, user, project, feature and session names the thread.",
      { field: "alias" },
    );
  const [name, value] = way;
  const text = proven(value, name);
  if (name === "alias") return text;
  const first = `${name}:${encodeURIComponent(text)}`;
  const whole =
    name === "user" && topic !== undefined
      ? `${first}/topic:${encodeURIComponent(proven(topic, "topic"))}`
      : first;
  return proven(whole, name);
}

function proven(value: unknown, field: string): string {
  if (typeof value !== "string" || value === "")
    throw new SkeinError("invalid_request", `${field} must be a text of 1 character or more.`, {
      field,
    });
  checkLine(value, field, ALIAS_CHARACTERS);
  return value;
}
