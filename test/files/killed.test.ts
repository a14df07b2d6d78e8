import { execFile } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FILE_CRASH_POINTS } from "../../src/agents/crash-point.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { FileChange } from "../../src/engine/file-calls.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { newFolder, treeOf } from "./tree.ts";

interface Ended {
  readonly output: string;
  readonly signal: string | null;
}

function run(
  what: string,
  { path, root }: { readonly path: string; readonly root: string },
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const script = join(import.meta.dirname, "file-process.ts");
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: 25_000 };
    execFile(process.execPath, [script, what, path, root], options, (error, stdout, stderr) => {
      const signal = error?.signal ?? null;
      if (error !== null && signal === null) reject(new Error(stderr));
      else resolve({ output: stdout.trim(), signal });
    });
  });
}

function prepared(): { readonly path: string; readonly root: string } {
  const root = newFolder();
  writeFileSync(join(root, "b.txt"), "x");
  writeFileSync(join(root, "c.txt"), "c");
  writeFileSync(join(root, "d.txt"), "d");
  chmodSync(join(root, "d.txt"), 0o755);
  return { path: join(newFolder(), "skein.db"), root };
}

async function changesIn(path: string): Promise<readonly FileChange[]> {
  const skein = createSkein({ store: sqliteStore({ path }), worker: false });
  try {
    return (await skein.fileChanges("t")).items;
  } finally {
    await skein.close();
  }
}

async function newThread(path: string): Promise<void> {
  const skein = createSkein({ store: sqliteStore({ path }), worker: false });
  await skein.create({ id: "t" });
  await skein.close();
}

// The agent makes four changes, and five files are touched.
const PLACES = FILE_CRASH_POINTS.flatMap((point) =>
  (point === "mid-file-write" ? [1, 3] : [1, 4]).map((hit) => `${point}#${hit}`),
);

test.each(PLACES)(
  "an agent killed at %s changes every file once, and all comes back",
  async (at) => {
    const place = prepared();
    const before = treeOf(place.root);
    expect((await run("agent", place, { SKEIN_CRASH_AT: at })).signal).toBe("SIGKILL");
    expect(await run("agent", place)).toEqual({ output: "completed", signal: null });
    expect(treeOf(place.root).map((line) => line.split(" ")[0])).toEqual([
      "b.txt",
      "moved/",
      "moved/c.txt",
      "new/",
      "new/a.txt",
    ]);
    expect(readFileSync(join(place.root, "b.txt"), "utf8")).toBe("xx");
    const changes = await changesIn(place.path);
    expect(changes.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "delete done",
      "move done",
      "edit done",
      "write done",
    ]);
    expect(changes.every((it) => it.runId && it.turnId && it.stepId && it.callId)).toBe(true);
    expect(await run("back", place)).toEqual({ output: "true", signal: null });
    expect(treeOf(place.root)).toEqual(before);
  },
);

test.each([...FILE_CRASH_POINTS, "before-file-touch#4", "mid-file-write#3"])(
  "a rollback killed at %s is finished by the next one",
  async (at) => {
    const place = prepared();
    const before = treeOf(place.root);
    await run("agent", place);
    expect((await run("back", place, { SKEIN_CRASH_AT: at })).signal).toBe("SIGKILL");
    await run("back", place);
    expect(treeOf(place.root)).toEqual(before);
    expect((await changesIn(place.path)).every(({ outcome }) => outcome === "done")).toBe(true);
  },
);

test("what a tool of somebody else had changed when it was killed is noted by the next process", async () => {
  const place = prepared();
  const before = treeOf(place.root);
  await newThread(place.path);
  expect((await run("track", place)).signal).toBe("SIGKILL");
  expect(await run("back", place)).toEqual({ output: "true", signal: null });
  expect(treeOf(place.root)).toEqual(before);
  expect(
    (await changesIn(place.path)).map(({ action, outcome }) => `${action} ${outcome}`),
  ).toEqual(["rollback done", "track interrupted"]);
});

test("two processes that count in one file lose nothing", async () => {
  const place = prepared();
  writeFileSync(join(place.root, "number"), "0");
  await newThread(place.path);
  const both = await Promise.all([run("count", place), run("count", place)]);
  expect(both.map(({ output }) => output)).toEqual(["counted", "counted"]);
  expect(readFileSync(join(place.root, "number"), "utf8")).toBe("40");
  expect((await changesIn(place.path)).every(({ outcome }) => outcome === "done")).toBe(true);
});
