import type { z } from "zod";
import { wireBranchName, wireId, wireSha256, wireUser } from "../../protocol/schema.ts";
import type { PathParameter } from "./call.ts";
import { validate } from "./validate.ts";

/** What each path parameter may be. */
export const PATH_PARAMETERS: Readonly<Record<string, z.ZodType<string>>> = {
  thread_id: wireId,
  message_id: wireId,
  run_id: wireId,
  webhook_id: wireId,
  delivery_id: wireId,
  name: wireBranchName,
  user: wireUser,
  sha256: wireSha256,
};

export function namesIn(path: string): readonly string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
}

type Parameters<Path extends string> = Readonly<Record<PathParameter<Path>, string>>;

/** Makes the reader of a path's parameters. It throws `invalid_id` with the parameter's name. */
export function parameterReader<Path extends string>(
  path: Path,
): (given: Readonly<Record<string, string>>) => Parameters<Path> {
  const names = namesIn(path);
  return (given) => {
    const read: Record<string, string> = {};
    for (const name of names)
      read[name] = validate(PATH_PARAMETERS[name] ?? wireId, given[name] ?? "", name, name);
    // The names come from the path itself.
    return read as Parameters<Path>;
  };
}
