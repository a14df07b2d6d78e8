import { execFile } from "node:child_process";
import { cp, glob, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as publicApi from "../../src/index.ts";
import * as file from "../../src/store/file/file-store.ts";
import * as mysql from "../../src/store/mysql/mysql-store.ts";
import * as postgres from "../../src/store/postgres/postgres-store.ts";
import * as redis from "../../src/store/redis/redis-store.ts";
import * as testing from "../../src/testing/index.ts";
import { createWorkspace } from "../cli/workspace.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

let folder: string;

/** The package as it is published, beside its dependencies. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "skein-package-"));
  const dist = join(folder, "dist");
  const rolldown = join(ROOT, "node_modules/rolldown/bin/cli.mjs");
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [rolldown, "-c", "rolldown.config.ts", "--dir", dist], { cwd: ROOT });
  const toDist = ["-p", "tsconfig.build.json", "--noCheck", "--outDir", dist];
  await run(process.execPath, [tsc, ...toDist], { cwd: ROOT });
  await cp(join(ROOT, "package.json"), join(folder, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("whatever package.json offers is there", async () => {
  const { bin, exports } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    bin: Record<string, string>;
    exports: Record<string, string | Record<string, string>>;
  };
  const offered = Object.values(exports).flatMap((target) =>
    typeof target === "string"
      ? target
      : Object.entries(target).flatMap(([condition, path]) =>
          condition === "skein-source" ? [] : path,
        ),
  );
  for (const path of [...Object.values(bin), ...offered]) {
    expect(await readFile(join(folder, path), "utf8"), path).not.toBe("");
  }
});

test.each([
  ["index", publicApi],
  ["testing/index", testing],
  ["store/file/file-store", file],
  ["store/mysql/mysql-store", mysql],
  ["store/postgres/postgres-store", postgres],
  ["store/redis/redis-store", redis],
])("%s exports what its source exports", async (entry, source) => {
  const built: object = await import(pathToFileURL(join(folder, `dist/${entry}.js`)).href);
  expect(Object.keys(built).toSorted()).toEqual(Object.keys(source).toSorted());
});

test("a module that finds files from its own place is built in that place", async () => {
  const asking = async (cwd: string, extension: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const file of glob(`**/*${extension}`, { cwd })) {
      if (/\.test(-support)?\.ts$/.test(file)) continue;
      const text = await readFile(join(cwd, file), "utf8");
      if (text.includes("import.meta.")) found.push(file.slice(0, -extension.length));
    }
    return found.toSorted();
  };
  const inSources = await asking(join(ROOT, "src"), ".ts");
  expect(inSources).toContain("store/sqlite/worker-client");
  expect(await asking(join(folder, "dist"), ".js")).toEqual(inSources);
});

test("importing the package reads three files, one package and modules of Node", async () => {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (files.has(file)) return;
    files.add(file);
    const text = await readFile(file, "utf8");
    for (const [, name = ""] of text.matchAll(/^(?:import|export)\b[^;]*?"([^"]+)";$/gm)) {
      if (name.startsWith(".")) await visit(join(dirname(file), name));
      else if (!name.startsWith("node:")) packages.add(name);
    }
  };
  await visit(join(folder, "dist/index.js"));
  expect([...packages]).toEqual(["uuidv7"]);
  expect(files.size).toBe(3);
});

test("the built program serves from worker threads, with a configuration that imports the package", async () => {
  await using work = await createWorkspace(join(folder, "dist/cli/main.js"));
  await writeFile(
    join(work.directory, "skein.config.ts"),
    `import { agent, defineConfig } from "skein";
     export default defineConfig({ agents: [agent({ name: "guide", instructions: "Guide.", model: "demo" })] });`,
  );
  expect(await work.json(["agents"])).toContainEqual(expect.objectContaining({ name: "guide" }));
  const server = work.start(["serve", "--port", "0"]);
  const [, url = ""] = await server.seen(/^Skein is listening on (\S+)$/m);
  const posted = await fetch(`${url}/api/v1/threads/first/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "My name is Ada.", wait: true }),
  });
  expect(await posted.json()).toMatchObject({ reply: { text: expect.stringContaining("Ada") } });
  const found = await fetch(`${url}/api/v1/search?q=Ada`);
  expect(await found.json()).not.toEqual([]);
  server.process.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
});
