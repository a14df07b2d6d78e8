import { afterEach, beforeEach, expect, test } from "vitest";
import { startStubModel, type StubModel } from "./start-stub-model.ts";

let stub: StubModel;

beforeEach(async () => {
  stub = await startStubModel({ script: (_, index) => (index === 0 ? "scripted" : undefined) });
});

afterEach(async () => {
  await stub.close();
});

function ask(content: unknown, fields: object = {}): Promise<Response> {
  return fetch(`${stub.url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }], ...fields }),
  });
}

test("the script answers first, then the rules do", async () => {
  const first = await (await ask("say x")).json();
  const second = await (await ask("say x")).json();
  expect(first).toMatchObject({ choices: [{ message: { content: "scripted" } }] });
  expect(second).toMatchObject({
    object: "chat.completion",
    model: "m",
    choices: [{ message: { role: "assistant", content: "x" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 },
  });
  expect(stub.requests.map(({ messages }) => messages[0]?.text)).toEqual(["say x", "say x"]);
});

test("a call is answered whole where no stream is asked for, and its result is told back", async () => {
  await ask("first");
  const called = await (await ask('[from alice]\ncall clock {"zone":"UTC"}')).json();
  expect(called).toMatchObject({
    choices: [
      {
        finish_reason: "tool_calls",
        message: {
          tool_calls: [{ id: "call_1", function: { name: "clock", arguments: '{"zone":"UTC"}' } }],
        },
      },
    ],
  });
  const messages = [
    { role: "user", content: "call clock" },
    { role: "assistant", tool_calls: [{ id: "call_1", function: { name: "clock" } }] },
    { role: "tool", tool_call_id: "call_1", content: "12:30" },
  ];
  const told = await (await ask("", { messages })).json();
  expect(told).toMatchObject({
    choices: [{ message: { content: "The tool clock answered: 12:30" } }],
  });
});

test("a stream ends with its usage, only where it is asked for, and [DONE]", async () => {
  await ask("first");
  const withUsage = await (
    await ask("say hi", { stream: true, stream_options: { include_usage: true } })
  ).text();
  const without = await (await ask("say hi", { stream: true })).text();
  expect(withUsage).toMatch(/"usage":\{[^]*data: \[DONE\]\n\n$/);
  expect(without).not.toContain('"usage"');
});

test("a failure that comes once lets the second try through", async () => {
  await ask("first");
  expect((await ask("fail-once 503")).status).toBe(503);
  expect((await ask("fail-once 503")).status).toBe(200);
  const limited = await ask("fail 429");
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "2"]);
});

test("lists its model, and refuses what it does not know", async () => {
  expect(await (await fetch(`${stub.url}/models`)).json()).toMatchObject({
    data: [{ id: "stub" }],
  });
  expect((await fetch(`${stub.url}/elsewhere`)).status).toBe(404);
  const broken = await fetch(`${stub.url}/chat/completions`, { method: "POST", body: "{" });
  expect(broken.status).toBe(400);
});

test("text parts are joined, and other parts are named", async () => {
  await ask("first");
  const content = [
    { type: "text", text: "say look" },
    { type: "image_url", image_url: { url: "data:," } },
  ];
  expect(await (await ask(content)).json()).toMatchObject({
    choices: [{ message: { content: "look\n[image_url]" } }],
  });
});
