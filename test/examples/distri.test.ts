import { join } from "node:path";
import { expect, test } from "vitest";
import { createThread, listThreads, sendMessage } from "../../examples/distri/snippets.ts";
import { createWorkspace } from "../cli/workspace.ts";

const CONFIG = join(import.meta.dirname, "../../examples/distri/skein.config.ts");

test("the fetch snippets run against a server with the example's configuration", async () => {
  await using workspace = await createWorkspace();
  const server = workspace.start(["serve", "--port", "0"], { env: { SKEIN_CONFIG: CONFIG } });
  const [url] = await server.seen(/http:\/\/\S+/);
  const pageFetch = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(new URL(path, url), init);

  const created = await createThread(pageFetch);
  expect(created.status).toBe(201);
  const thread = (await created.json()) as { readonly id: string };
  expect(thread).toMatchObject({
    title: "Discussion about AI",
    agent_id: "my-agent",
    message_count: 1,
  });

  const sent = await sendMessage(pageFetch, thread.id);
  expect(sent.status).toBe(201);
  expect(await sent.json()).toMatchObject({
    message: { role: "user" },
    run: { agent_id: "my-agent" },
  });

  expect(await listThreads(pageFetch)).toMatchObject([
    { id: thread.id, title: "Discussion about AI" },
  ]);
});
