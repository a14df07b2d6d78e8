import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { exportFolder } from "../../src/exchange/native/export-folder.ts";
import { exportLines } from "../../src/exchange/native/export-lines.ts";
import { threadFile } from "../../src/exchange/native/folder-files.ts";
import { importFolder } from "../../src/exchange/native/import-folder.ts";
import { engineOver, fixture, importText, threadIds } from "./import-support.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "skein-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function filled(): Promise<Engine> {
  const engine = engineOver();
  for (const name of ["claude.json", "chatgpt.json", "open-webui.json", "claude-code.jsonl"])
    await importText(engine, fixture(name));
  return engine;
}

async function linesOf(engine: Engine): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of exportLines(engine)) lines.push(line);
  return lines;
}

/** What an export says of threads, without what belongs to the store. */
async function contentOf(engine: Engine): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const id of Object.values(await threadIds(engine)).toSorted((a, b) => (a < b ? -1 : 1))) {
    const {
      sha256: _sum,
      store_id: _store,
      exported_at: _at,
      thread,
      ...rest
    } = await engine.serialize(id, { mode: "full" });
    found.push({ ...rest, thread: { ...thread, version: 0, updated_at: "", archived_at: "" } });
  }
  return found;
}

test("all threads go through lines and come out as they were, files too", async () => {
  const engine = await filled();
  const lines = await linesOf(engine);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ type: "skein.threads", version: 1 });
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ type: "skein.end", threads: 7 });
  const other = engineOver();
  const report = await importText(other, lines.join(""));
  expect(report).toMatchObject({ imported: 7, problemCount: 0, sources: { skein: 7 } });
  expect(await contentOf(other)).toEqual(await contentOf(engine));
  const again = await importText(other, lines.join(""));
  expect(again).toMatchObject({ imported: 0, unchanged: 7, problemCount: 0 });
});

test("lines that are missing, torn or changed are told, and the others come", async () => {
  const lines = await linesOf(await filled());
  const without = await importText(
    engineOver(),
    [...lines.slice(0, 2), ...lines.slice(3)].join(""),
  );
  expect(without).toMatchObject({ imported: 6, problemCount: 1 });
  expect(without.problems[0]?.reason).toContain("missing");
  const cut = await importText(engineOver(), lines.slice(0, 4).join("").slice(0, -9));
  expect(cut).toMatchObject({ imported: 2, notes: [{ at: 4 }] });
  expect(cut.problems[0]?.reason).toContain("ends early");
  const forged = lines.map((line) => line.replace("Fix the rudder", "Sink the boat"));
  const changed = await importText(engineOver(), forged.join(""));
  expect(changed).toMatchObject({ imported: 6, problemCount: 1 });
  expect(changed.problems[0]?.reason).toContain("SHA-256");
});

test("all threads go through a folder and come out as they were; the same again writes nothing", async () => {
  const engine = await filled();
  const first = await exportFolder(engine, folder);
  expect(first).toEqual({ threads: 7, unchanged: 0, blobs: 1 });
  const manifest = await readFile(join(folder, "manifest.jsonl"), "utf8");
  const other = engineOver();
  expect(await importFolder(other, folder, { isDryRun: true })).toMatchObject({ imported: 7 });
  expect(Object.keys(await threadIds(other))).toEqual([]);
  expect(await importFolder(other, folder)).toMatchObject({ imported: 7, problemCount: 0 });
  expect(await contentOf(other)).toEqual(await contentOf(engine));
  expect(await importFolder(other, folder)).toMatchObject({ imported: 0, unchanged: 7 });
  expect(await exportFolder(engine, folder)).toEqual({ threads: 7, unchanged: 7, blobs: 0 });
  const entries = (text: string): readonly string[] => text.split("\n").slice(1, -2);
  expect(entries(await readFile(join(folder, "manifest.jsonl"), "utf8"))).toEqual(
    entries(manifest),
  );
});

test("an export to a folder that was stopped goes on where it was", async () => {
  const engine = await filled();
  const stop = new AbortController();
  const options = {
    signal: stop.signal,
    onProgress: ({ threads }: { readonly threads: number }) => {
      if (threads === 3) stop.abort();
    },
  };
  await expect(exportFolder(engine, folder, options)).rejects.toThrow("aborted");
  await expect(importFolder(engineOver(), folder)).rejects.toThrow("has no manifest.jsonl");
  expect(await exportFolder(engine, folder)).toMatchObject({ threads: 7, unchanged: 3 });
});

test("damage, links and paths of somebody's own making are told, and nothing else is read", async () => {
  const engine = await filled();
  await exportFolder(engine, folder);
  const [first = "", second = ""] = await readdir(join(folder, "threads"));
  await truncate(join(folder, "threads", first), 100);
  const secret = join(folder, "secret.jsonl");
  await writeFile(secret, await readFile(join(folder, "threads", second)));
  await rm(join(folder, "threads", second));
  await symlink(secret, join(folder, "threads", second));
  await appendFile(
    join(folder, "manifest.jsonl"),
    `${JSON.stringify({ type: "thread", id: "x", file: "../../etc/passwd", sha256: "0", thread_version: 1, blobs: [] })}\n`,
  );
  const report = await importFolder(engineOver(), folder);
  expect(report.imported).toBe(5);
  const reasons = report.problems.map(({ reason }) => reason).join("\n");
  expect(reasons).toContain("not as it was written");
  expect(reasons).toContain("no plain file");
  expect(reasons).toContain("names no thread of this folder");
});

test("every id has a file of its own, inside the folder, on any file system", () => {
  const ids = ["..", ".", "a", "A", "a:b", "a~b", "CON", "x".repeat(128), "X".repeat(128)];
  const files = ids.map(threadFile);
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(ids.length);
  for (const file of files) expect(file).toMatch(/^threads\/[a-z0-9._~-]{1,120}\.jsonl$/);
});

test("a thread that cannot be exported is left out by name, or ends the export", async () => {
  const engine = await filled();
  const ids = ["no-such-thread", ...Object.values(await threadIds(engine))];
  const problems: unknown[] = [];
  let lines = 0;
  for await (const _line of exportLines(engine, {
    threadIds: ids,
    onProblem: (it) => problems.push(it),
  }))
    lines += 1;
  expect([lines, problems]).toEqual([9, [expect.objectContaining({ id: "no-such-thread" })]]);
  await expect(drain(engine, ids)).rejects.toMatchObject({
    code: "thread_not_found",
  });
});

async function drain(engine: Engine, threadIds: readonly string[]): Promise<void> {
  for await (const _line of exportLines(engine, { threadIds })) continue;
}
