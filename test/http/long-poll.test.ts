import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import { createApp } from "../../src/http/app.ts";
import { createAuth } from "../../src/http/auth.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";

test("a long poll ends when its client leaves, and leaves nothing on the server's signal", async () => {
  const gate = Promise.withResolvers<void>();
  const model = scriptedModel([["One", { wait: gate.promise }, " two"]]);
  const skein = createSkein({ store: memoryStore(), model, env: {} });
  const app = createApp({ skein, auth: createAuth([]), info: { version: "0.0.0" } });
  const closing = new AbortController();
  const listeners = (): number => getEventListeners(closing.signal, "abort").length;
  const { thread, run } = await skein.create({ messages: [{ content: "Count" }], run: {} });
  const poll = async (offset: string, signal: AbortSignal): Promise<Response> => {
    const query = new URLSearchParams({ offset, live: "long-poll" }).toString();
    const url = `http://localhost/api/v1/threads/${thread.id}/runs/${run?.id}/stream?${query}`;
    const request = new Request(url, { headers: { host: "localhost" }, signal });
    return app.fetch(request, { closing: closing.signal });
  };
  const staying = new AbortController().signal;
  let offset = "-1";
  for (let text = ""; !text.includes("One");) {
    const answer = await poll(offset, staying);
    offset = answer.headers.get("stream-next-offset") ?? "";
    text = await answer.text();
  }
  const leaving = new AbortController();
  const waiting = [1, 2, 3].map(() => poll(offset, leaving.signal));
  while (listeners() < waiting.length) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort();
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
  expect(listeners()).toBe(0);
  gate.resolve();
  await skein.drain(2_000);
  await skein.close();
});
