import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

const FIXTURES = join(import.meta.dirname, "../exchange/fixtures");
let workspace: Workspace;

beforeEach(async () => {
  workspace = await createWorkspace();
  await mkdir(join(workspace.directory, "in/deep"), { recursive: true });
  await copyFile(join(FIXTURES, "claude.json"), join(workspace.directory, "in/claude.json"));
  await copyFile(join(FIXTURES, "dive.jsonl"), join(workspace.directory, "in/deep/dive.jsonl"));
});
afterEach(() => workspace[Symbol.asyncDispose]());

test("files and folders are imported with counts, and what cannot be brought is named", async () => {
  const { skein, json } = workspace;
  const dry = await skein(["import", "in", "--dry-run"]);
  expect(dry.stdout).toContain("Would import 3 conversations");
  expect(await json(["threads", "list"])).toEqual([]);
  const { code, stdout, stderr } = await skein(["import", "in/claude.json", "in/deep"]);
  expect(code).toBe(1);
  expect(stdout).toContain("Imported 3 conversations");
  expect(stdout).toContain("claude: 3\ndive: 1");
  expect(stderr).toContain("in/claude.json:5: This is nothing that Skein knows.");
  const again = await skein(["import", "files", "in/deep/dive.jsonl", "--json"]);
  expect([again.code, JSON.parse(again.stdout)]).toEqual([
    0,
    expect.objectContaining({ imported: 0, unchanged: 1, problem_count: 0 }),
  ]);
  const gone = await skein(["import", "gone.json"]);
  expect([gone.code, gone.stderr]).toEqual([
    2,
    expect.stringContaining("gone.json cannot be read"),
  ]);
});

test("threads go to another store through lines and through a folder, and are read as Markdown and HTML", async () => {
  const { skein, json, directory } = workspace;
  await skein(["import", "in/deep"]);
  const lines = await skein(["export", "--all"]);
  const env = { SKEIN_STORE: "sqlite:./other.db" };
  const brought = await skein(["import", "-"], { input: lines.stdout, env });
  expect([brought.code, brought.stdout]).toEqual([0, expect.stringContaining("skein: 1")]);
  await skein(["export", "--all", "--format", "folder", "--out", "backup"]);
  const restored = await json(["import", "backup"], { env: { SKEIN_STORE: "sqlite:./third.db" } });
  expect(restored).toMatchObject([{ imported: 1, problem_count: 0 }]);
  const [thread] = await json(["threads", "list"], { env });
  const id: string = thread?.["id"];
  const markdown = await skein(["export", id, "--format", "markdown"], { env });
  expect(markdown.stdout).toMatch(/^# Depth\n[^]*## local · [^]*Forty metres\./);
  await skein(["export", "--all", "--format", "html", "--out", "pages"], { env });
  const [page = ""] = await readdir(join(directory, "pages"));
  expect(page).toBe(`${id}.html`);
  expect(await readFile(join(directory, "pages", page), "utf8")).toContain("<title>Depth</title>");
});

test("a wrong export says what is missing; a thread that is not there is left out by name", async () => {
  const { skein } = workspace;
  const nothing = await skein(["export"]);
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("--all")]);
  const format = await skein(["export", "--all", "--format", "pdf"]);
  expect([format.code, format.stderr]).toEqual([2, expect.stringContaining('not "pdf"')]);
  const gone = await skein(["export", "th_gone"]);
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("th_gone")]);
  const page = await skein(["export", "th_gone", "--format", "html"]);
  expect([page.code, page.stdout]).toEqual([3, ""]);
  await writeFile(join(workspace.directory, "a.zip"), "PK\u0003\u0004");
  const zip = await skein(["import", "a.zip"]);
  expect([zip.code, zip.stderr]).toEqual([1, expect.stringContaining("Unpack it first")]);
});
