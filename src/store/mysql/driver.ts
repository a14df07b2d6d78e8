import type { createPool } from "mysql2/promise";
import { SkeinError } from "../../model/error.ts";

interface Driver {
  readonly createPool: typeof createPool;
}

/** The client of MariaDB and MySQL, which is loaded by who uses it. */
export async function loadDriver(): Promise<Driver> {
  try {
    return await import("mysql2/promise");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND"))
      throw error;
    throw new SkeinError(
      "unsupported_capability",
      "Cannot import `mysql2`, the client of a MariaDB or MySQL store. Install it: npm install mysql2.",
      { field: "store", cause: error },
    );
  }
}
