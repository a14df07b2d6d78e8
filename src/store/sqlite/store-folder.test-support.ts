import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
import type { Store } from "../store.ts";
import { sqliteStore } from "./sqlite-store.ts";
import type { SqliteStoreOptions } from "./sqlite-store.ts";

export interface StoreFolder {
  readonly file: (name?: string) => string;
  readonly open: (options?: Partial<SqliteStoreOptions>) => Store;
  readonly start: (role: string, ...values: readonly string[]) => Child;
}

/** Another process, run by `child.test-support.ts`. */
export interface Child {
  /** The next line that it prints. */
  readonly line: () => Promise<string>;
  readonly tell: (line: string) => void;
  readonly kill: () => Promise<void>;
  /** Its exit code. */
  readonly end: () => Promise<number | null>;
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

  const file = (name = "skein.db"): string =>
    join((folder ??= mkdtempSync(join(tmpdir(), "skein-sqlite-"))), name);

  return {
    file,
    open: (options = {}) => {
      const store = sqliteStore({ path: file(), ...options });
      stores.push(store);
      return store;
    },
    start: (role, ...values) => {
      const script = fileURLToPath(new URL("./child.test-support.ts", import.meta.url));
      const child = spawn(process.execPath, [script, role, file(), ...values], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      children.push(child);
      return childOf(child);
    },
  };
}

function childOf(child: ChildProcessByStdio<Writable, Readable, null>): Child {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, "exit");
  return {
    line: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("The child ended without another line.");
      return value;
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill("SIGKILL");
      await exit;
    },
    end: async () => {
      await exit;
      return child.exitCode;
    },
  };
}
