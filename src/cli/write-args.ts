import type { WriteOptions } from "../engine/engine.ts";
import { integer } from "./arguments.ts";

/** Flags of every command that changes a thread. */
export const WRITE_ARGS = {
  "expected-version": {
    type: "string",
    valueHint: "version",
    description: "Refuse (exit 5) unless the thread is at this version",
  },
  key: {
    type: "string",
    valueHint: "text",
    description: "Idempotency key: the same key again changes nothing and gives the same answer",
  },
} as const;

export function writeOptions(args: {
  readonly "expected-version"?: string | undefined;
  readonly key?: string | undefined;
}): WriteOptions {
  const expectedVersion = integer(args["expected-version"], "expected-version", { from: 0 });
  return {
    ...(expectedVersion !== undefined && { expectedVersion }),
    ...(args.key !== undefined && { opId: args.key }),
  };
}
