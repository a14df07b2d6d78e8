import { expect, test } from "vitest";
import type { ModelEvent, ModelRequest } from "../agents/models/model.ts";
import { scriptedModel } from "./scripted-model.ts";

function request(signal: AbortSignal = new AbortController().signal): ModelRequest {
  return {
    system: undefined,
    messages: [
      { id: "m1", role: "user", status: "completed", parts: [{ type: "text", text: "hi" }] },
    ],
    tools: [],
    signal,
    loadBlob: () => Promise.reject(new Error("no blob is expected")),
    speakerLabels: false,
  };
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const collected: ModelEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

test("answers call n with reply n, and refuses a call beyond the script", async () => {
  const model = scriptedModel(["one", ["t", "wo"]]);
  expect((await collect(model.stream(request()))).at(-1)).toMatchObject({
    parts: [{ text: "one" }],
  });
  expect(await collect(model.stream(request()))).toMatchObject([
    { type: "text-delta", part: 0, text: "t" },
    { type: "text-delta", part: 0, text: "wo" },
    { type: "step-end", parts: [{ type: "text", text: "two" }], finish: "stop", model: "scripted" },
  ]);
  await expect(collect(model.stream(request()))).rejects.toMatchObject({ code: "internal" });
  expect(model.requests).toHaveLength(3);
});

test("streams reasoning, text and calls as parts of their own", async () => {
  const model = scriptedModel([
    [
      { reasoning: "hm" },
      "ok",
      { toolCall: { name: "a", input: { x: 1 } } },
      { toolCall: { name: "b", callId: "mine", input: { pieces: ['{"y"', ":"] } } },
    ],
  ]);
  expect((await collect(model.stream(request()))).at(-1)).toMatchObject({
    finish: "tool-calls",
    parts: [
      { type: "reasoning", text: "hm" },
      { type: "text", text: "ok" },
      { type: "tool-call", callId: "call_1", name: "a", inputText: '{"x":1}', input: { x: 1 } },
      { type: "tool-call", callId: "mine", name: "b", inputText: '{"y":' },
    ],
  });
});

test("a gate holds the answer until it opens, and an abort passes it", async () => {
  const gate = Promise.withResolvers<void>();
  const script = () => ["before ", { wait: gate.promise }, "after"] as const;
  const open = collect(scriptedModel(script).stream(request()));
  gate.resolve();
  expect((await open).at(-1)).toMatchObject({ parts: [{ text: "before after" }] });

  const controller = new AbortController();
  const shut = scriptedModel([["before", { wait: new Promise(() => undefined) }]]);
  const seen: ModelEvent[] = [];
  const consume = async (): Promise<void> => {
    for await (const event of shut.stream(request(controller.signal))) {
      seen.push(event);
      controller.abort();
    }
  };
  await expect(consume()).rejects.toMatchObject({ code: "aborted" });
  expect(seen).toHaveLength(1);
});

test("throws the scripted error after what came before it, and reports the scripted usage", async () => {
  const failing = scriptedModel([["half", { error: new Error("boom") }]]);
  await expect(collect(failing.stream(request()))).rejects.toThrow("boom");
  const usage = { inputTokens: 1, outputTokens: 2 };
  const counted = scriptedModel([
    { items: ["x"], usage },
    { items: ["x"], usage: null, finish: "length" },
  ]);
  expect((await collect(counted.stream(request()))).at(-1)).toMatchObject({ usage });
  expect((await collect(counted.stream(request()))).at(-1)).toMatchObject({
    usage: undefined,
    finish: "length",
  });
});
