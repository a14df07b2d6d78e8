import { expect, test } from "vitest";
import type { Loose } from "./loose.ts";
import { startServer } from "./server.ts";

test("the three fetch snippets of the Distri document work as they stand", async () => {
  await using server = await startServer({ store: "sqlite" });
  // All that the shim does: a page's fetch resolves relative URLs, Node's does not.
  const pageFetch = (path: string, init?: RequestInit): Promise<Response> =>
    globalThis.fetch(new URL(path, server.url), init);

  // oxfmt-ignore
  const created = await (async (fetch) => {
    const response = await fetch('/api/v1/threads', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        agent_id: 'my-agent',
        title: 'Discussion about AI',
        initial_message: 'Hello, I want to learn about AI'
      })
    });
    return response;
  })(pageFetch);
  expect(created.status).toBe(201);
  const thread: Loose = await created.json();
  expect(thread).toMatchObject({
    title: "Discussion about AI",
    agent_id: "my-agent",
    metadata: {},
    message_count: 1,
  });

  const threadId: string = thread.id;
  // oxfmt-ignore
  const posted = await (async (fetch) => {
    const response = await fetch(`/api/v1/threads/${threadId}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        message: 'What are the applications of machine learning?'
      })
    });
    return response;
  })(pageFetch);
  expect(posted.status).toBe(201);
  const { run }: Loose = await posted.json();
  await server.skein.waitForRun(threadId, run.id);

  // oxfmt-ignore
  const threads: Loose = await (async (fetch) => {
    const response = await fetch('/api/v1/threads?limit=20&offset=0');
    const threads = await response.json();
    return threads;
  })(pageFetch);
  expect(threads).toHaveLength(1);
  expect(threads[0]).toMatchObject({ id: threadId, message_count: 4 });
  expect(Object.keys(threads[0])).toEqual(
    expect.arrayContaining([
      "id",
      "title",
      "agent_id",
      "created_at",
      "updated_at",
      "message_count",
      "last_message",
      "metadata",
    ]),
  );
});
