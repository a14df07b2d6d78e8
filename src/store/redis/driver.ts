import type { createClient, RESP_TYPES } from "redis";
import { SkeinError } from "../../model/error.ts";

export interface Driver {
  readonly createClient: typeof createClient;
  readonly RESP_TYPES: typeof RESP_TYPES;
  readonly ErrorReply: new (message: string) => Error;
}

/** The official client, which is loaded by who uses it. */
export async function loadDriver(): Promise<Driver> {
  try {
    return await import("redis");
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new SkeinError(
      "unsupported_capability",
      "Cannot import `redis`, the client of a Redis store. Install it: npm install redis.",
      { field: "store", cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}
