import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { provesRelations } from "./relation-invariants.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-relations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kills a process that makes relations once it has said so often that one is made. */
async function killAfter(kind: string, path: string, count: number): Promise<void> {
  const script = join(import.meta.dirname, "relation-process.ts");
  const child = spawn(process.execPath, [script, kind, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let said = 0;
  createInterface({ input: child.stdout }).on("line", () => {
    said += 1;
    if (said === count) child.kill("SIGKILL");
  });
  const [, signal] = await ended;
  expect(signal).toBe("SIGKILL");
}

test.for(["sqlite", "file"] as const)(
  "a process that is killed among relations leaves both sides of each, or none (%s)",
  { timeout: 60_000 },
  async (kind) => {
    const path = join(folder, `${kind}.data`);
    const open = () => (kind === "file" ? fileStore({ path }) : sqliteStore({ path }));
    let links = 0;
    for (const count of [1, 4, 7, 5]) {
      await killAfter(kind, path, count);
      const store = open();
      const found = await provesRelations(store);
      expect(found).toBeGreaterThan(links);
      links = found;
      expect((await store.check({ repair: false })).problems).toEqual([]);
      await store.close();
    }
  },
);
