import type { z } from "zod";
import { wireBranchName, wireId, wireSha256, wireUser } from "../../protocol/schema.ts";
import type { PathParameter } from "./call.ts";
import { validate } from "./validate.ts";

/** What each path parameter may be. */
export const PATH_PARAMETERS: Readonly<Record<string, z.ZodType<string>>> = {
  thread_id: wireId,
  message_id: wireId,
  run_id: wireId,
  name: wireBranchName,
  user: wireUser,
  sha256: wireSha256,
};

export function namesIn(path: string): readonly string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
}

/** The parameters of a path, checked. Throws `invalid_id` with the parameter's name. */
export function readParameters<Path extends string>(
  path: Path,
  given: Readonly<Record<string, string>>,
): Readonly<Record<PathParameter<Path>, string>> {
  const read: Record<string, string> = {};
  for (const name of namesIn(path)) {
    const schema = PATH_PARAMETERS[name] ?? wireId;
    const checked = validate(schema, given[name] ?? "", name, name);
    read[name] = checked;
  }
  return read as Record<PathParameter<Path>, string>;
}
