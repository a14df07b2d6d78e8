import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Wire, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

async function one(args: readonly string[]): Promise<Wire> {
  const [first] = await work.json(args);
  if (first === undefined) throw new Error(`skein ${args.join(" ")} printed nothing`);
  return first;
}

test("the log in text is a line for each entry: version, time, op, who and what", async () => {
  await one(["threads", "new", "--id", "told", "--title", "Told", "--tags", "a,b"]);
  await one(["messages", "add", "told", "Where is the needle?", "--id", "q1"]);
  await one(["threads", "tag", "told", "c"]);
  const { stdout } = await work.skein(["threads", "log", "told"]);
  const at = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  const line = (version: number, op: string, what: string): RegExp =>
    new RegExp(`^ +${version}  ${at}  ${op} +user:local +${what}$`, "m");
  expect(stdout).toMatch(line(1, "thread.create", "“Told”"));
  expect(stdout).toMatch(line(2, "message.append", "q1 user Where is the needle\\?"));
  expect(stdout).toMatch(line(3, "tag.add", "c"));
  expect(stdout).not.toMatch(/tenant|\d{13}|[a-z][A-Z]\w*"/);
});

test("text that is stored cannot steer the terminal", async () => {
  const bad = "\u001b[2J\u009b31mred\u0007";
  await one(["threads", "new", "--id", "loud", "--title", "Loud"]);
  await work.skein(["messages", "add", "loud", "-", "--id", "m"], { input: bad });
  const readings = [["show", "loud"], ["log", "loud"], ["search", "red"], ["list"]];
  const printed = await Promise.all([
    ...readings.map((args) => work.skein(["threads", ...args])),
    work.skein(["threads", "show", "loud", "--json"]),
    work.skein(["chat", "loud"], { input: "Hello\n/history\n" }),
  ]);
  for (const { code, stdout, stderr } of printed) {
    expect(code).toBe(0);
    // oxlint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  }
  expect(printed[0]?.stdout).toContain("31mred");
  const shown = await one(["threads", "show", "loud"]);
  expect(shown["messages"][0].content).toBe(bad);
});

test("what changes nothing does not say that it did", async () => {
  const said = async (args: readonly string[]): Promise<string> =>
    (await work.skein(["threads", ...args])).stderr;
  await one(["threads", "new", "--id", "calm", "--title", "Calm", "--tags", "a"]);
  expect(await said(["undelete", "calm"])).toBe("It was not deleted: “Calm”; version 1.\n");
  const same = "The tags were so already: “Calm”; version 1.\n";
  expect(await said(["tag", "calm", "--remove", "x"])).toBe(same);
  expect(await said(["tag", "calm", "a"])).toBe(same);
  expect(await said(["tag", "calm", "b"])).toBe("Tagged “Calm”; version 2.\n");
  expect(await said(["tag", "calm", "--remove", "b"])).toMatch(/^Removed tags of “Calm”; /);
});
