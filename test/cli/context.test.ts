import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  await work.json(["threads", "new", "--id", "plan", "--title", "The plan"]);
  for (const words of ["We plant oaks.", "Ann buys them."])
    await work.json(["messages", "add", "plan", words]);
});

afterAll(() => work[Symbol.asyncDispose]());

test("a context is shown with what it counts to", async () => {
  const { code, stdout } = await work.skein(["threads", "context", "plan"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^agent {3}assistant, demo\ntokens {2}\d+, estimated\n/);
  expect(stdout).toContain(": We plant oaks.\n");
  const [report] = await work.json(["threads", "context", "plan", "--at", "2"]);
  expect(report).toMatchObject({ version: 2, messages: [{ content: "We plant oaks." }] });
  const unknown = await work.skein(["threads", "context", "plan", "--agent", "nobody"]);
  expect(unknown).toMatchObject({ stdout: "" });
  expect(unknown.code).not.toBe(0);
});

test("a thread is summed up by a model that knows no JSON, and the summary is shown", async () => {
  const none = await work.skein(["threads", "summarize", "plan", "--show"]);
  expect(none).toMatchObject({ code: 0, stdout: "", stderr: "There is no summary.\n" });
  const [made] = await work.json(["threads", "summarize", "plan", "--keep"]);
  expect(made).toMatchObject({
    thread_id: "plan",
    is_structured: false,
    is_stale: false,
    covers: { messages: 2 },
    model: "demo",
  });
  const [kept] = await work.json(["threads", "related", "plan"]);
  expect(JSON.stringify(kept)).toContain(String(made?.["summary_thread_id"]));
  await work.json(["messages", "add", "plan", "And elms."]);
  const shown = await work.skein(["threads", "summarize", "plan", "--show"]);
  expect(shown.stdout).toContain("2 messages, ");
  expect(shown.stdout).toContain("demo; 1 message since");
  const wrong = await work.skein(["threads", "summarize", "plan", "--style", "loud"]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
});
