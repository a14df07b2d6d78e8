import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace, type Wire, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

describe("import text", () => {
  const text = Array.from({ length: 250 }, (_, index) => `Paragraph ${index + 1}.`).join("\n\n");
  const args = ["import", "text", "book.txt", "--users", "alice,bob", "--id", "book"];

  test("makes a message of every paragraph, users and agent taking turns", async () => {
    await writeFile(join(work.directory, "book.txt"), text);
    const [report] = await work.json(args);
    expect(report).toMatchObject({ thread_id: "book", title: "book", messages: 250, batches: 3 });
    const [thread] = await work.json(["threads", "show", "book", "--at", "7"]);
    const said: readonly Wire[] = thread?.["messages"] ?? [];
    expect(said.slice(0, 4).map(({ author, content }) => `${author.id}: ${content}`)).toEqual([
      "alice: Paragraph 1.",
      "assistant: Paragraph 2.",
      "bob: Paragraph 3.",
      "assistant: Paragraph 4.",
    ]);
    expect(said.slice(0, 2).map(({ role }) => role)).toEqual(["user", "assistant"]);
    const seen = await work.skein(["threads", "show", "book", "--user", "bob", "--limit", "1"]);
    expect(seen.stdout).toContain("Paragraph 250.");
  });

  test("changes nothing when it is repeated, and other text under the same id is a conflict", async () => {
    const before = await work.json(["threads", "show", "book", "--limit", "0"]);
    await work.json(args);
    expect(await work.json(["threads", "show", "book", "--limit", "0"])).toEqual(before);
    await appendFile(join(work.directory, "book.txt"), "\n\nOne more.");
    expect((await work.skein(args)).code).toBe(5);
    expect(await work.json(["threads", "show", "book", "--limit", "0"])).toEqual(before);
  });

  test("reads stdin and refuses what is no text", async () => {
    const { code, stdout, stderr } = await work.skein(["import", "text", "-"], {
      input: "a\n\nb\n",
    });
    expect([code, stderr]).toEqual([0, "Imported 2 messages in 1 batch.\n"]);
    expect(stdout).toMatch(/^th_\w+\n$/);
    expect((await work.skein(["import", "text", "-"], { input: " \n" })).code).toBe(2);
    const binary = new Uint8Array([0xff, 0xfe, 0x00]);
    const refused = await work.skein(["import", "text", "-"], { input: binary });
    expect([refused.code, refused.stderr]).toEqual([2, "skein: stdin is not UTF-8 text.\n"]);
    expect((await work.skein(["import", "text", "absent.txt"])).code).toBe(2);
  });
});

describe("doctor", () => {
  test("finds a healthy store in order", async () => {
    const { code, stdout } = await work.skein(["doctor"], { env: { SKEIN_PORT: "0" } });
    expect(stdout).toMatch(/^ok {4}store {10}sqlite /m);
    expect(stdout).toMatch(/^warn {2}model {10}demo;/m);
    expect(code).toBe(0);
    const [report] = await work.json(["doctor"], { env: { SKEIN_PORT: "0" } });
    expect(report?.["checks"].map(({ name }: Wire) => name)).toEqual([
      "node",
      "configuration",
      "model",
      "port",
      "store",
      "migrations",
      "durability",
      "consistency",
      "search",
      "clock",
      "disk",
    ]);
  });

  test("exits with 1 when the store or the configuration cannot be read", async () => {
    await writeFile(join(work.directory, "broken.db"), "this is no database".repeat(100));
    const store = await work.skein(["doctor", "--store", "sqlite:broken.db"], {
      env: { SKEIN_PORT: "0" },
    });
    expect(store.code).toBe(1);
    expect(store.stdout).toMatch(/^FAIL {2}store /m);
    const config = await work.skein(["doctor", "--json", "--config", "absent.ts"]);
    expect(config.code).toBe(1);
    expect(JSON.parse(config.stdout)).toMatchObject({ status: "fail" });
    const model = await work.skein(["doctor"], {
      env: { SKEIN_PORT: "0", SKEIN_MODEL: "nobody/x" },
    });
    expect(model.code).toBe(1);
    expect(model.stdout).toMatch(/^FAIL {2}model /m);
  });
});

describe("configuration", () => {
  test("a TypeScript file imports the package by name, adds agents and chooses the store", async () => {
    const directory = join(work.directory, "configured");
    await mkdir(directory);
    await writeFile(
      join(directory, "skein.config.ts"),
      `import { agent, defineConfig, tool } from "skein";
       const add = tool({
         name: "add", description: "Adds.", input: { type: "object" }, execute: () => 2,
       });
       const helper: string = "my-agent";
       export default defineConfig({
         agents: [agent({ name: helper, description: "Helps.", tools: [add] })],
         store: "sqlite:./elsewhere.db",
       });`,
    );
    const config = join(directory, "skein.config.ts");
    const agents = await work.json(["agents", "--config", config]);
    expect(agents).toContainEqual({
      name: "my-agent",
      description: "Helps.",
      model: "demo",
      tools: [{ name: "add", description: "Adds." }],
    });
    expect(agents.map(({ name }) => name)).toContain("assistant");
    const made = await work.json(["threads", "new", "--agent", "my-agent", "--config", config]);
    expect(made[0]?.["agent_id"]).toBe("my-agent");
    await expect(readFile(join(work.directory, "elsewhere.db"))).resolves.toBeDefined();
  });

  test("a file without a default export, or that throws, is named", async () => {
    const path = join(work.directory, "bad.config.ts");
    await writeFile(path, "export const config = {};");
    const missing = await work.skein(["agents", "--config", "bad.config.ts"]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("bad.config.ts: there is no default export.");
    await writeFile(path, 'throw new Error("no luck");');
    const thrown = await work.skein(["agents", "--config", "bad.config.ts"]);
    expect(thrown.stderr).toBe("skein: bad.config.ts cannot be loaded: no luck\n");
  });
});

test("the directory of the store keeps itself out of git", async () => {
  await work.skein(["threads", "list"]);
  expect(await readFile(join(work.directory, ".skein/.gitignore"), "utf8")).toBe("*\n");
});

test("a reader that closes the pipe early is no error", async () => {
  const started = work.start(["threads", "show", "book", "--limit", "200"]);
  started.process.stdin.end();
  started.process.stdout.destroy();
  const { code, stderr } = await started.ended;
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("skein:")]);
});
