import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testFolder } from "../../../test/support/test-folder.ts";
import type { Child } from "../../../test/support/test-folder.ts";
import { keyOf } from "../conformance/fixture.ts";
import type { Store } from "../store.ts";
import { fileStore } from "./file-store.ts";
import { logPathOf } from "./layout.ts";

export interface StoreFolder {
  readonly path: () => string;
  readonly open: () => Store;
  /** Path of the log of a thread of the tests' tenant. */
  readonly log: (threadId: string) => string;
  /** Every file but the index, by its path. */
  readonly files: () => ReadonlyMap<string, string>;
  /** Runs `child.test-support.ts`. */
  readonly start: (role: string, ...values: readonly string[]) => Child;
}

/** A folder for each test; what was opened or started in it ends with the test. */
export function storeFolder(): StoreFolder {
  const folder = testFolder();
  const path = (): string => folder.path("store");
  return {
    path,
    open: () => folder.keep(fileStore({ path: path() })),
    log: (threadId) => join(path(), logPathOf(keyOf(threadId))),
    files: () => new Map(filesIn(path(), "")),
    start: (role, ...values) => {
      const script = fileURLToPath(new URL("./child.test-support.ts", import.meta.url));
      // Past this size files do not grow, as on a full disk.
      const limit = role === "fill" ? "ulimit -f 4096; " : "";
      const command = `${limit}exec "$0" "$@"`;
      return folder.start("sh", ["-c", command, process.execPath, script, role, path(), ...values]);
    },
  };
}

function filesIn(folder: string, below: string): readonly (readonly [string, string])[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    const path = join(below, name);
    if (path === "index" || path === "lock") return [];
    if (statSync(join(folder, path)).isDirectory()) return filesIn(folder, path);
    return [[path, readFileSync(join(folder, path), "utf8")]];
  });
}
