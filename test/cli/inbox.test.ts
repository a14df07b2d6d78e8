import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

const CONFIG = `import { agent, defineConfig, tool } from "skein";
const clock = tool({
  name: "clock", description: "Tells the time.", input: { type: "object" },
  effect: "idempotent", approval: "always", execute: () => "twelve",
});
const asked = tool({
  name: "clock", description: "Tells the time.", input: { type: "object" }, executor: "client",
});
export default defineConfig({
  agents: [
    agent({ name: "careful", tools: [clock] }),
    agent({ name: "remote", tools: [asked] }),
  ],
});`;

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  await writeFile(join(work.directory, "skein.config.ts"), CONFIG);
});

afterAll(() => work[Symbol.asyncDispose]());

/** Asks for the time; the agent's tool waits for somebody. */
async function ask(thread: string, agent: string): Promise<{ run: string; action: string }> {
  await work.json(["threads", "new", "--id", thread, "--agent", agent]);
  const asked = await work.skein(["messages", "add", thread, "What time is it?", "--run"]);
  expect(asked.code).toBe(7);
  expect(asked.stderr).toContain("waits for somebody to decide");
  const items = await work.json(["inbox", "--agent", agent]);
  const item = items.find((each) => each["thread_id"] === thread);
  return { run: item?.["run_id"], action: item?.["action"].id };
}

test("what an agent asks for is in the inbox, is approved, and the answer is printed", async () => {
  const { run, action } = await ask("t1", "careful");
  expect((await work.skein(["inbox"])).stdout).toMatch(/^t1 .*approval {2}careful {2}clock/m);
  const shown = await work.skein(["runs", "show", "t1", run]);
  expect(shown.stdout).toContain(`waits for ${action}  approval  clock\n`);
  const done = await work.skein(["runs", "approve", "t1", run, action, "--go"]);
  expect(done.code).toBe(0);
  expect(done.stdout).toContain("The clock says");
  expect((await work.skein(["inbox"])).stderr).toBe("Nothing waits for a person.\n");
  const again = await work.json(["runs", "approve", "t1", run, action]);
  expect(again).toMatchObject([{ id: run, status: "completed" }]);
  const otherwise = await work.skein(["runs", "deny", "t1", run, action]);
  expect([otherwise.code, otherwise.stderr]).toEqual([
    5,
    expect.stringContaining("has ended (completed)"),
  ]);
});

test("a refusal reaches the agent with its reason", async () => {
  const { run, action } = await ask("t2", "careful");
  const denied = await work.json(["runs", "deny", "t2", run, action, "--reason", "Not today."]);
  expect(denied).toMatchObject([{ status: "queued" }]);
  const [thread] = await work.json(["threads", "show", "t2"]);
  const result = thread?.["messages"].at(-1);
  expect(result.parts[0]).toMatchObject({
    outcome: "denied",
    output: { type: "text", text: "Not today." },
  });
});

test("the output of the caller's own tool is given, and the run goes on", async () => {
  const { run, action } = await ask("t3", "remote");
  const wrong = await work.skein(["runs", "approve", "t3", run, action]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("takes output or deny")]);
  const absent = await work.skein(["runs", "answer", "t3", run, "call_nobody", "1"]);
  expect(absent.code).toBe(3);
  const broken = await work.skein(["runs", "answer", "t3", run, action, "{", "--as-json"]);
  expect(broken.code).toBe(2);
  const done = await work.skein(["runs", "answer", "t3", run, action, "noon", "--go"]);
  expect(done.code).toBe(0);
  expect(done.stdout).toContain("noon");
});

test("what is asked in a chat is decided in the chat", async () => {
  await work.json(["threads", "new", "--id", "t5", "--agent", "careful"]);
  const { code, stdout, stderr } = await work.skein(["chat", "t5"], {
    input: "What time is it?\n/approve\nWhat time is it?\n/deny Not again.\n/approve\n",
  });
  expect(code).toBe(0);
  expect(stdout.match(/The clock says/g)).toHaveLength(1);
  expect(stderr).toContain("/approve or /deny [reason]");
  expect(stderr).toContain("Nothing waits for you.");
});

test("an event is sent once, and shared state is changed and compared", async () => {
  const { run } = await ask("t4", "careful");
  const sent = ["runs", "event", "t4", run, "paid", '{"sum":3}', "--dedup", "k1"];
  expect(await work.json(sent)).toMatchObject([{ events_waiting: 1 }]);
  expect(await work.json(sent)).toMatchObject([{ events_waiting: 1 }]);
  const [first] = await work.json(["threads", "state", "t4", "--patch", '{"seats":2}']);
  expect(first).toMatchObject({ value: { seats: 2 } });
  const stale = ["threads", "state", "t4", "--patch", '{"seats":1}', "--expected-state", "1"];
  expect((await work.skein(stale)).code).toBe(5);
  expect(await work.json(["threads", "state", "t4"])).toEqual([first]);
});
