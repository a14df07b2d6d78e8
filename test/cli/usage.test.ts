import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROGRAM } from "../../src/cli/program.ts";
import { isGroup } from "../../src/cli/command.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

const names = Object.entries(PROGRAM).flatMap(([name, entry]) =>
  isGroup(entry) ? Object.keys(entry.commands).map((below) => `${name} ${below}`) : [name],
);

test("the help of the program names every command and loads no engine", async () => {
  const hook = join(work.directory, "hook.mjs");
  const list = join(work.directory, "loaded.txt");
  await writeFile(
    hook,
    `import { registerHooks } from "node:module";
     import { appendFileSync } from "node:fs";
     registerHooks({ load(url, context, next) {
       appendFileSync(${JSON.stringify(list)}, url + "\\n");
       return next(url, context);
     } });`,
  );
  const { code, stdout } = await work.skein(["--help"], {
    env: { NODE_OPTIONS: `--import=${hook}` },
  });
  expect(code).toBe(0);
  for (const name of Object.keys(PROGRAM)) expect(stdout).toContain(name);
  const loaded = await readFile(list, "utf8");
  expect(loaded).toContain("src/cli/command-line.ts");
  expect(loaded).not.toMatch(/src\/(store|agents|engine|http|protocol)\/|node_modules/);
});

test("every command has help with its usage, its flags and examples that name it", async () => {
  for (const [name, entry] of Object.entries(PROGRAM)) {
    const commands = isGroup(entry) ? Object.entries(entry.commands) : [["", entry] as const];
    for (const [below, lazy] of commands) {
      const { summary, examples } = await lazy.load();
      const full = `${name} ${below}`.trim();
      expect(lazy.summary, full).toBe(summary);
      expect(examples.length, full).toBeGreaterThan(0);
      for (const example of examples) expect(example).toContain(full);
    }
  }
  const { stdout } = await work.skein(["threads", "rename", "--help"]);
  expect(stdout).toContain("Usage  skein threads rename <thread> [title] [flags]");
  expect(stdout).toContain("--user <name>");
  expect(names.length).toBeGreaterThan(25);
});

describe("a wrong command line exits with 2 and says what to do", () => {
  test.each([
    [["bogus"], '"bogus" is not a command. skein --help lists the commands.'],
    [["thread", "list"], 'Did you mean "skein threads"?'],
    [["threads", "lst"], 'Did you mean "skein threads list"?'],
    [["threads"], "A command is missing. skein threads --help lists them."],
    [["threads", "list", "--limt", "3"], "Did you mean --limit?"],
    [["threads", "list", "--limit"], "--limit needs a value."],
    [["threads", "list", "--limit", "--archived"], "--limit needs a value."],
    [["threads", "list", "--limit", "201"], "--limit must be a whole number from 1 to 200"],
    [["threads", "list", "--limit", "1", "--limit", "2"], "--limit is given twice."],
    [["threads", "list", "--archived=yes"], "--archived takes no value."],
    [["threads", "show"], "<thread> is missing."],
    [["threads", "rename", "a", "b", "c"], '"c" is one word too many.'],
    [["threads", "delete", "a"], "Add --yes to delete."],
    [["chat", "a", "--new"], "--new and a thread exclude one another."],
    [["agents", "--store", "nonsense:", "--config", "no.ts"], "no.ts does not exist."],
    [
      ["threads", "list", "--store", "nonsense:x"],
      'The store must be sqlite:<path>, file:<folder>, postgres://…, mysql://…, redis://… or memory:, not "nonsense:x".',
    ],
    [
      ["threads", "list", "--store", "nosql://me:se@cret@host/db?key=secret"],
      'The store must be sqlite:<path>, file:<folder>, postgres://…, mysql://…, redis://… or memory:, not "nosql://…@host/db?…".',
    ],
  ])("skein %j", async (args, sentence) => {
    const { code, stdout, stderr } = await work.skein(args);
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/^skein: [^\n]+\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  test("as an object with --json", async () => {
    const { code, stderr } = await work.skein(["threads", "list", "--limit", "0", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "invalid_request",
        message: '--limit must be a whole number from 1 to 200, not "0".',
        field: "limit",
      },
    });
  });
});

test.each(["postgres", "mysql", "redis"])(
  "a %s that does not answer is named, and its password is not repeated",
  async (scheme) => {
    const { code, stderr } = await work.skein(["threads", "list", "--json"], {
      env: { SKEIN_STORE: `${scheme}://user:secret@127.0.0.1:1/${databaseOf(scheme)}` },
    });
    expect(code).toBe(6);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: "store_unavailable",
      message:
        `${scheme} 127.0.0.1:1/${databaseOf(scheme)} does not answer (ECONNREFUSED). ` +
        "Start it, or correct the address of the store.",
    });
    expect(stderr).not.toContain("secret");
  },
);

function databaseOf(scheme: string): string {
  return scheme === "redis" ? "0" : "skein";
}

test("the version is that of the package, also as JSON", async () => {
  const manifest = JSON.parse(
    await readFile(join(import.meta.dirname, "../../package.json"), "utf8"),
  );
  expect((await work.skein(["--version"])).stdout).toBe(`${manifest.version}\n`);
  expect(await work.json(["version"])).toEqual([
    { skein: manifest.version, node: process.versions.node },
  ]);
});

test("colours appear when they are forced and not otherwise", async () => {
  const escape = String.fromCharCode(27);
  const forced = await work.skein(["--help"], { env: { FORCE_COLOR: "1" } });
  expect(forced.stdout).toContain(`${escape}[1mUsage`);
  const plain = await work.skein(["--help", "--no-color"], { env: { FORCE_COLOR: "1" } });
  expect(plain.stdout).not.toContain(escape);
});
