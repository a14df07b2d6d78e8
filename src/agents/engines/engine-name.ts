import { SkeinError } from "../../model/error.ts";

/** What carries runs out: `embedded`, this process and others like it on the same store. */
export type RunEngineName = "embedded";

/** @throws SkeinError  `unsupported_capability` for an engine that does not exist */
export function checkEngineName(name: string, field: string): RunEngineName {
  if (name === "embedded") return name;
  throw new SkeinError(
    "unsupported_capability",
    `${field} is ${name}, which is not known. This version runs agents with embedded, the default.`,
    { field },
  );
}
