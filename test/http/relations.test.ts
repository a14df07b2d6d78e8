import { expect, test } from "vitest";
import { startServer } from "./server.ts";

test("threads are linked over HTTP, and walked", async () => {
  await using server = await startServer();
  for (const id of ["a", "b"]) await server.post("/threads", { id });
  const link = { kind: "summary", thread_id: "b", data: { by: "hand" } };
  const linked = await server.post("/threads/a/links", link);
  expect([linked.status, linked.headers.get("etag")]).toEqual([200, '"2"']);
  const { body } = await server.get("/threads/b/related?kinds=summary-of&depth=1");
  expect(body.edges).toEqual([{ from: "a", to: "b", kind: "summary", data: { by: "hand" } }]);
  expect([body.threads.map(({ id }: { id: string }) => id), body.is_complete]).toEqual([
    ["b", "a"],
    true,
  ]);
  const circle = await server.post("/threads/b/links", { kind: "summary", thread_id: "a" });
  expect([circle.status, circle.body.error.code]).toEqual([409, "link_cycle"]);
  const bad = await server.get("/threads/b/related?depth=0");
  expect([bad.status, bad.body.error.field]).toEqual([400, "depth"]);
  const gone = await server.send("/threads/b/links/summary-of/a", { method: "DELETE" });
  expect(gone.status).toBe(200);
  expect((await server.get("/threads/a/related")).body.edges).toEqual([]);
});

test("summaries, tasks and continuations are made over HTTP", async () => {
  await using server = await startServer();
  await server.post("/threads", { id: "a", title: "Plans" });
  const summary = await server.post("/threads/a/summaries", { summary: "Short." });
  expect([summary.status, summary.body.title]).toEqual([201, "Summary: Plans"]);
  const task = await server.post("/threads/a/sub-agents", { task: "Look it up" });
  expect([task.status, task.body.title, task.body.kind]).toEqual([
    201,
    "Task: Look it up",
    "sub-agent",
  ]);
  const unknown = await server.post("/threads/a/sub-agents", { task: "x", agent_id: "nobody" });
  expect([unknown.status, unknown.body.error.code]).toEqual([400, "agent_not_found"]);
  const next = await server.post("/threads/a/continue", { id: "b", summary: "Short." });
  expect([next.status, next.body.id]).toEqual([201, "b"]);
  const again = await server.post("/threads/a/continue");
  expect([again.status, again.body.error]).toMatchObject([
    409,
    { code: "thread_continued", details: { thread_id: "b" } },
  ]);
  const { body } = await server.get("/threads/a/relationships");
  expect(body).toMatchObject({
    thread: { id: "a" },
    parent: null,
    summaries: [{ id: summary.body.id }],
    children: [{ id: task.body.id }, { id: "b" }],
  });
});
