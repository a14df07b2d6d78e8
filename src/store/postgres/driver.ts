import type { Client, Pool } from "pg";
import { SkeinError } from "../../model/error.ts";

interface Driver {
  readonly Pool: typeof Pool;
  readonly Client: typeof Client;
}

/** The client of PostgreSQL, which is loaded by who uses it. */
export async function loadDriver(): Promise<Driver> {
  try {
    return await import("pg");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND"))
      throw error;
    throw new SkeinError(
      "unsupported_capability",
      "Cannot import `pg`, the client of a PostgreSQL store. Install it: npm install pg.",
      { field: "store", cause: error },
    );
  }
}
