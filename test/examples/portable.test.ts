import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main as customStore } from "../../examples/agent-framework/custom-chat-message-store-thread.ts";

const SUSPEND_RESUME = join(
  import.meta.dirname,
  "../../examples/agent-framework/suspend-resume-thread.ts",
);

let folder: string;

beforeAll(async () => {
  process.env["SKEIN_DEMO_DELAY_MS"] = "0";
  folder = await mkdtemp(join(tmpdir(), "skein-suspend-"));
});
afterAll(async () => {
  delete process.env["SKEIN_DEMO_DELAY_MS"];
  await rm(folder, { recursive: true, force: true });
});

/** Runs a step of the program; kills it when it has printed as many lines, if it is to be killed. */
async function run(step: string, killAfterLines = Infinity): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    ["--conditions=skein-source", SUSPEND_RESUME, step, folder],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let printed = "";
  child.stdout.on("data", (bytes: Uint8Array) => {
    printed += Buffer.from(bytes).toString();
    if (printed.split("\n").length > killAfterLines) child.kill("SIGKILL");
  });
  await once(child, "close");
  return printed.split("\n").filter((line) => line !== "");
}

test("custom-chat-message-store-thread hands a thread on and has nothing twice", async () => {
  const lines: string[] = [];
  await customStore((line) => lines.push(line));
  expect(lines).toEqual([
    "own store: 2 messages serialised",
    expect.stringContaining("Alice"),
    "own store: 4 messages kept",
    "thread as store: 2 messages restored",
    expect.stringContaining("Alice"),
  ]);
});

test("suspend-resume-thread goes on after the first process was killed", async () => {
  const suspended = await run("suspend", 2);
  expect(suspended).toEqual([
    expect.stringMatching(/^suspended in its store: [12]\d\d bytes$/u),
    "suspended as a whole: 2 messages",
  ]);
  expect(await readFile(join(folder, "reference.json"), "utf8")).not.toContain(folder);
  const resumed = await run("resume");
  expect(resumed).toEqual([
    expect.stringMatching(/^resumed in its store: .*Alice/u),
    expect.stringMatching(/^resumed elsewhere: .*Bob/u),
    "resumed again: as it is, 4 messages",
  ]);
});
