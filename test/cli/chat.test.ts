import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, jsonLines, type Wire, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

async function conversation(id: string): Promise<readonly Wire[]> {
  const [thread] = await work.json(["threads", "show", id]);
  return thread?.["messages"] ?? [];
}

test("every piped line is answered in order, and only answers go to stdout", async () => {
  const { code, stdout, stderr } = await work.skein(["chat", "first"], {
    input: "My name is Ada.\n\nWhat is my name?\n",
  });
  expect(code).toBe(0);
  expect(stderr).toContain("Thread first (new).");
  expect(stdout).toContain("Ada");
  expect(stdout).not.toContain("> ");
  const messages = await conversation("first");
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
  const answers = messages.filter(({ role }) => role === "assistant");
  expect(stdout).toBe(answers.map(({ content }) => `${content}\n`).join(""));
});

test("chat goes on with the newest thread, and --new starts another", async () => {
  const next = await work.skein(["chat"], { input: "What is my name?\n" });
  expect(next.stderr).toContain("Thread first (");
  expect(next.stdout).toContain("Ada");
  const other = await work.skein(["chat", "--new"], { input: "What is my name?\n" });
  expect(other.stderr).toMatch(/^Thread th_[0-9a-z]{26} \(new\)\./);
  expect(other.stdout).not.toContain("Ada");
});

test("tool calls are one-line notes on stderr", async () => {
  const { stdout, stderr } = await work.skein(["chat", "clock"], { input: "What time is it?\n" });
  expect(stderr).toMatch(/^→ clock /m);
  expect(stderr).toMatch(/^← clock ok: /m);
  expect(stdout).toContain("The clock says");
});

test("--json prints the run's events as the wire has them", async () => {
  const { stdout } = await work.skein(["chat", "events", "--json"], { input: "Hello\n" });
  const events = jsonLines(stdout);
  expect(events[0]).toMatchObject({ type: "run", run: { thread_id: "events" } });
  const text = events
    .filter(({ type, kind }) => type === "delta" && kind === "text")
    .map((event) => event["text"])
    .join("");
  const [, answer] = await conversation("events");
  expect(text).toBe(answer?.["content"]);
  expect(events.at(-1)).toMatchObject({ type: "end", run: { status: "completed" } });
});

test("a file is attached, and the commands of the chat work", async () => {
  await writeFile(join(work.directory, "notes.txt"), "zebra lion\n");
  const { code, stdout, stderr } = await work.skein(["chat", "desk", "--file", "notes.txt"], {
    input:
      "Read this.\n/title Desk work\n/branch idea\nHello\n/branch\n/history 2\n/stats\n/quit\nNever sent\n",
  });
  expect(code).toBe(0);
  expect(stdout).toContain("notes.txt");
  expect(stdout).toMatch(/^main +2 messages/m);
  expect(stdout).toMatch(/^idea +4 messages/m);
  expect(stderr).toContain("Desk work");
  expect(stdout).not.toContain("Never sent");
  const [asked] = await conversation("desk");
  expect(asked?.["parts"]).toMatchObject([
    { type: "text", text: "Read this." },
    { type: "file", filename: "notes.txt", media_type: "text/plain" },
  ]);
});

test("an unknown agent or an unreadable file is refused before anything is written", async () => {
  const agent = await work.skein(["chat", "none", "--agent", "nobody"], { input: "Hello\n" });
  expect(agent.code).toBe(3);
  const file = await work.skein(["chat", "none", "--file", "absent.png"], { input: "Hello\n" });
  expect(file.code).toBe(2);
  expect((await work.skein(["threads", "show", "none"])).code).toBe(3);
});

test("users talk in one thread under their own names", async () => {
  await work.json(["threads", "new", "--id", "team", "--member", "alice,bob"]);
  await work.skein(["chat", "team", "--user", "alice"], { input: "I work on the login page.\n" });
  const { stdout } = await work.skein(["chat", "team", "--user", "bob"], {
    input: "Who works on the login page?\n",
  });
  expect(stdout).toContain("alice");
  const authors = (await conversation("team"))
    .filter(({ role }) => role === "user")
    .map((message) => message["author"].id);
  expect(authors).toEqual(["alice", "bob"]);
});

test("Ctrl-C stops the answer and keeps its text", async () => {
  const slow = work.start(["chat", "slow"], { env: { SKEIN_DEMO_DELAY_MS: "100" } });
  slow.process.stdin.write("Hello, how are you today?\n");
  await slow.firstOutput;
  slow.process.kill("SIGINT");
  await slow.seen(/Stopped; what was said so far is kept\./);
  slow.process.stdin.end();
  const { code, stdout } = await slow.ended;
  expect(code).toBe(130);
  const [, answer] = await conversation("slow");
  expect(answer).toMatchObject({ status: "incomplete", reason: "cancelled" });
  expect(stdout).toBe(`${answer?.["content"]}\n`);
});

test("a process that is killed in the middle of an answer loses nothing: the next chat finishes it first", async () => {
  const dying = work.start(["chat", "crash"], { env: { SKEIN_DEMO_DELAY_MS: "100" } });
  dying.process.stdin.write("My name is Grace.\n");
  await dying.firstOutput;
  dying.process.kill("SIGKILL");
  expect((await dying.ended).code).toBeNull();
  const { code, stdout, stderr } = await work.skein(["chat", "crash"], {
    input: "What is my name?\n",
  });
  expect(code).toBe(0);
  expect(stderr).toContain("was interrupted");
  const messages = await conversation("crash");
  expect(messages.map(({ role, status }) => `${role} ${status}`)).toEqual([
    "user completed",
    "assistant completed",
    "user completed",
    "assistant completed",
  ]);
  expect(messages[0]?.["content"]).toBe("My name is Grace.");
  expect(stdout).toBe(`${messages[1]?.["content"]}\n${messages[3]?.["content"]}\n`);
  const [checked] = await work.json(["doctor"]);
  expect(checked?.["status"]).toBe("ok");
});
