import { fileURLToPath } from "node:url";
import { testFolder } from "../../../test/support/test-folder.ts";
import type { Child } from "../../../test/support/test-folder.ts";
import type { Store } from "../store.ts";
import { sqliteStore } from "./sqlite-store.ts";
import type { SqliteStoreOptions } from "./sqlite-store.ts";

export interface StoreFolder {
  readonly file: (name?: string) => string;
  readonly open: (options?: Partial<SqliteStoreOptions>) => Store;
  /** Runs `child.test-support.ts`. */
  readonly start: (role: string, ...values: readonly string[]) => Child;
}

/** A folder for each test; what was opened or started in it ends with the test. */
export function storeFolder(): StoreFolder {
  const folder = testFolder();
  const file = (name = "skein.db"): string => folder.path(name);
  return {
    file,
    open: (options = {}) => folder.keep(sqliteStore({ path: file(), ...options })),
    start: (role, ...values) => {
      const script = fileURLToPath(new URL("./child.test-support.ts", import.meta.url));
      return folder.start(process.execPath, [script, role, file(), ...values]);
    },
  };
}
