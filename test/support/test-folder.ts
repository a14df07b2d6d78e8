import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterEach } from "vitest";
import type { Store } from "../../src/store/store.ts";

/** A folder for each test; what was kept or started in it ends with the test. */
export interface TestFolder {
  readonly path: (name: string) => string;
  /** Closes the store after the test. */
  readonly keep: (store: Store) => Store;
  readonly start: (command: string, args: readonly string[]) => Child;
}

/** Another process. */
export interface Child {
  /** The next line that it prints. Throws at its end. */
  readonly line: () => Promise<string>;
  /** The next line that it prints; `undefined` at its end. */
  readonly lineOrEnd: () => Promise<string | undefined>;
  readonly tell: (line: string) => void;
  readonly kill: () => Promise<void>;
  /** Its exit code. */
  readonly end: () => Promise<number | null>;
}

type Process = ChildProcessByStdio<Writable, Readable, null>;

export function testFolder(): TestFolder {
  let folder: string | undefined;
  const stores: Store[] = [];
  const children: Process[] = [];

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await Promise.all(stores.splice(0).map((store) => store.close()));
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  });

  return {
    path: (name) => join((folder ??= mkdtempSync(join(tmpdir(), "skein-store-"))), name),
    keep: (store) => {
      stores.push(store);
      return store;
    },
    start: (command, args) => {
      const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "inherit"] });
      children.push(child);
      return childOf(child);
    },
  };
}

function childOf(child: Process): Child {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, "exit");
  const lineOrEnd = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : value;
  };
  return {
    lineOrEnd,
    line: async () => {
      const line = await lineOrEnd();
      if (line === undefined) throw new Error("The child ended without another line.");
      return line;
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
