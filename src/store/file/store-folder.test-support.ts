import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
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
  readonly start: (role: string, ...values: readonly string[]) => Child;
}

/** Another process, run by `child.test-support.ts`. */
export interface Child {
  /** The next line that it prints; `undefined` at its end. */
  readonly line: () => Promise<string | undefined>;
  readonly kill: () => Promise<void>;
}

/** A folder for each test; what was opened or started in it ends with the test. */
export function storeFolder(): StoreFolder {
  let folder: string | undefined;
  const stores: Store[] = [];
  const children: ChildProcessByStdio<Writable, Readable, null>[] = [];

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await Promise.all(stores.splice(0).map((store) => store.close()));
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  });

  const path = (): string => join((folder ??= mkdtempSync(join(tmpdir(), "skein-file-"))), "store");

  return {
    path,
    open: () => {
      const store = fileStore({ path: path() });
      stores.push(store);
      return store;
    },
    log: (threadId) => join(path(), logPathOf(keyOf(threadId))),
    files: () => new Map(filesIn(path(), "")),
    start: (role, ...values) => {
      const script = fileURLToPath(new URL("./child.test-support.ts", import.meta.url));
      // Past this size files do not grow, as on a full disk.
      const limit = role === "fill" ? "ulimit -f 4096; " : "";
      const command = `${limit}exec "$0" "$@"`;
      const child = spawn(
        "sh",
        ["-c", command, process.execPath, script, role, path(), ...values],
        {
          stdio: ["pipe", "pipe", "inherit"],
        },
      );
      children.push(child);
      return childOf(child);
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

function childOf(child: ChildProcessByStdio<Writable, Readable, null>): Child {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, "exit");
  return {
    line: async () => {
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exit;
    },
  };
}
