import { execFile } from "node:child_process";
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { layers, publicApi } from "../architecture.ts";

const root = join(import.meta.dirname, "..");

const forbidden: ReadonlyArray<readonly [file: string, statement: string]> = [
  ["src/model/read.ts", `import { readFile } from "node:fs";`],
  ["src/model/id.ts", `import { uuidv7 } from "uuidv7";`],
  ["src/model/save.ts", `import type { Store } from "../store/store.ts";`],
  ["src/protocol/read.ts", `import { readFile } from "node:fs";`],
  ["src/store/store.ts", `import { open } from "./sqlite/open.ts";`],
  ["src/store/memory/store.ts", `import { open } from "../sqlite/open.ts";`],
  ["src/store/memory/deep/store.ts", `import { open } from "../../../store/sqlite/open.ts";`],
  ["src/store/memory/database.ts", `import { DatabaseSync } from "node:sqlite";`],
  ["src/engine/open.ts", `import { open } from "../store/sqlite/open.ts";`],
  ["src/engine/deep/open.ts", `export const open = () => import("../../store/sqlite/open.ts");`],
  ["src/engine/detour.ts", `import { open } from "../engine/../store/sqlite/open.ts";`],
  ["src/engine/loop.ts", `export * from "../agents/loop.ts";`],
  ["src/engine/ask.ts", `import { generateText } from "ai";`],
  ["src/engine/provider.ts", `import { openai } from "@ai-sdk/openai";`],
  ["src/engine/self.ts", `import { createEngine } from "skein";`],
  ["src/agents/app.ts", `import { Hono } from "hono";`],
  ["src/http/native/open.ts", `import { open } from "../../store/sqlite/open.ts";`],
  ["src/http/native/main.ts", `import { main } from "../../cli/main.ts";`],
  ["src/client/file.ts", `import { readFile } from "node:fs";`],
  ["src/client/engine.ts", `import type { Engine } from "../engine/engine.ts";`],
  ["src/http/test.ts", `import { clock } from "../../test/clock.ts";`],
  ["src/cli/app.ts", `import { Hono } from "hono/tiny";`],
  ["src/index.ts", `export { main } from "./cli/main.ts";`],
  ["src/agents/public.ts", `import { createEngine } from "../index.ts";`],
];

const allowed: ReadonlyArray<readonly [file: string, statement: string]> = [
  ["src/model/apply.ts", `import type { Message } from "./message.ts";`],
  ["src/protocol/thread.ts", `import { z } from "zod/v4";`],
  ["src/store/memory/open.ts", `import type { Store } from "../store.ts";`],
  ["src/store/sqlite/deep/open.ts", `import { DatabaseSync } from "node:sqlite";`],
  ["src/engine/deep/store.ts", `import type { Store } from "../../store/store.ts";`],
  ["src/engine/hash.ts", `import { createHash } from "node:crypto";`],
  ["src/agents/ask.ts", `import { MockLanguageModel } from "ai/test";`],
  ["src/agents/provider.ts", `import { openai } from "@ai-sdk/openai";`],
  ["src/http/native/routes.ts", `import { streamSSE } from "hono/streaming";`],
  ["src/http/native/errors.ts", `import { SkeinError } from "../../model/error.ts";`],
  ["src/cli/main.ts", `import { open } from "../store/sqlite/open.ts";`],
  ["src/engine/open.test.ts", `import { open } from "../store/memory/open.ts";`],
];

describe("the lint rules made from architecture.ts", () => {
  let directory: string;
  let reported: ReadonlySet<string>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "skein-architecture-"));
    for (const name of ["architecture.ts", "oxlint.config.ts"]) {
      await cp(join(root, name), join(directory, name));
    }
    for (const [file, statement] of [...forbidden, ...allowed]) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), `${statement}\n`);
    }
    reported = await lint(directory);
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test.each(forbidden)("report %s: %s", (file) => {
    expect(reported).toContain(file);
  });

  test.each(allowed)("let through %s: %s", (file) => {
    expect(reported).not.toContain(file);
  });
});

describe("the table of layers", () => {
  test("has a row for every folder of src", async () => {
    const folders = new Set<string>();
    for await (const file of glob("*/**/*.ts", { cwd: join(root, "src") })) {
      folders.add(file.split(/[\\/]/)[0] ?? file);
    }
    expect(layers.map(({ folder }) => folder)).toEqual(expect.arrayContaining([...folders]));
  });

  test("names only layers that have a row", () => {
    const folders = layers.map(({ folder }) => folder);
    for (const { mayImport } of [...layers, publicApi]) {
      expect(folders).toEqual(expect.arrayContaining([...mayImport]));
    }
  });
});

test("no source file is longer than 400 lines", async () => {
  const long: string[] = [];
  for await (const file of glob("{src,test,bench,examples}/**/*.ts", { cwd: root })) {
    // Packages that a benchmark installed for itself.
    if (file.includes("node_modules")) continue;
    const lines = (await readFile(join(root, file), "utf8")).split("\n").length - 1;
    if (lines > 400) long.push(`${file}: ${lines}`);
  }
  expect(long).toEqual([]);
});

/** The files in which `no-restricted-imports` found something. */
async function lint(directory: string): Promise<ReadonlySet<string>> {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const output = await promisify(execFile)(process.execPath, [oxlint, "--format=json"], {
    cwd: directory,
  }).catch((failure: { stdout: string }) => failure);
  const { diagnostics } = JSON.parse(output.stdout) as {
    diagnostics: ReadonlyArray<{ code: string; filename: string }>;
  };
  return new Set(
    diagnostics
      .filter(({ code }) => code === "eslint(no-restricted-imports)")
      .map(({ filename }) => filename.replaceAll("\\", "/")),
  );
}
