import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { expect, test, vi } from "vitest";
import type { BlobContent, ModelEvent, ModelRequest } from "./model.ts";
import { sdkModel } from "./sdk-model.ts";

type StreamResult = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>;
type Chunk = StreamResult["stream"] extends ReadableStream<infer P> ? P : never;

const NO_TOKENS = {
  total: undefined,
  noCache: undefined,
  cacheRead: undefined,
  cacheWrite: undefined,
};
const END: Chunk = {
  type: "finish",
  finishReason: { unified: "stop", raw: "stop" },
  usage: {
    inputTokens: NO_TOKENS,
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  },
};

async function run(
  chunks: readonly Chunk[],
  fields: Partial<ModelRequest> = {},
): Promise<readonly ModelEvent[]> {
  const mock = new MockLanguageModelV4({
    doStream: async () => ({ stream: simulateReadableStream({ chunks: [...chunks] }) }),
  });
  const request: ModelRequest = {
    system: undefined,
    messages: [
      { id: "m1", role: "user", status: "completed", parts: [{ type: "text", text: "hi" }] },
    ],
    tools: [],
    signal: new AbortController().signal,
    loadBlob: () => Promise.reject(new Error("no blob is expected")),
    speakerLabels: false,
    ...fields,
  };
  const events: ModelEvent[] = [];
  for await (const event of sdkModel(mock).stream(request)) events.push(event);
  return events;
}

async function partsOf(chunks: readonly Chunk[], fields?: Partial<ModelRequest>) {
  const end = (await run([...chunks, END], fields)).at(-1);
  return end?.type === "step-end" ? end.parts : undefined;
}

test("what a provider attaches to text and reasoning is kept, whenever it comes", async () => {
  const parts = await partsOf([
    { type: "reasoning-start", id: "r", providerMetadata: { anthropic: { a: 1 } } },
    { type: "reasoning-delta", id: "r", delta: "hm" },
    {
      type: "reasoning-delta",
      id: "r",
      delta: "",
      providerMetadata: { anthropic: { signature: "s" } },
    },
    { type: "reasoning-end", id: "r" },
    { type: "text-start", id: "t", providerMetadata: { openai: { itemId: "i" } } },
    { type: "text-delta", id: "t", delta: "yes" },
    { type: "text-end", id: "t", providerMetadata: { openai: { annotations: [] } } },
  ]);
  expect(parts).toEqual([
    { type: "reasoning", text: "hm", providerMetadata: { anthropic: { a: 1, signature: "s" } } },
    { type: "text", text: "yes", providerMetadata: { openai: { itemId: "i", annotations: [] } } },
  ]);
});

test("sealed reasoning without text is kept, an empty text is not, and indexes have no gap", async () => {
  const events = await run([
    { type: "text-start", id: "t0" },
    { type: "text-end", id: "t0" },
    { type: "reasoning-start", id: "r", providerMetadata: { anthropic: { redactedData: "x" } } },
    { type: "reasoning-end", id: "r" },
    { type: "text-start", id: "t0" },
    { type: "text-delta", id: "t0", delta: "b" },
    { type: "text-end", id: "t0" },
    { type: "text-start", id: "t0" },
    { type: "text-delta", id: "t0", delta: "c" },
    { type: "text-end", id: "t0" },
    END,
  ]);
  expect(events).toEqual([
    { type: "text-delta", part: 1, text: "b" },
    { type: "text-delta", part: 2, text: "c" },
    expect.objectContaining({
      parts: [
        { type: "reasoning", text: "", providerMetadata: { anthropic: { redactedData: "x" } } },
        { type: "text", text: "b" },
        { type: "text", text: "c" },
      ],
    }),
  ]);
});

test("two texts that alternate stay apart", async () => {
  const parts = await partsOf([
    { type: "text-start", id: "a" },
    { type: "text-start", id: "b" },
    { type: "text-delta", id: "a", delta: "1" },
    { type: "text-delta", id: "b", delta: "2" },
    { type: "text-delta", id: "a", delta: "3" },
  ]);
  expect(parts).toEqual([
    { type: "text", text: "13" },
    { type: "text", text: "2" },
  ]);
});

test("a call that comes in one piece is streamed all the same, its text exactly as sent", async () => {
  const input = '{ "a" : 1.0 }';
  const events = await run([
    {
      type: "tool-call",
      toolCallId: "c",
      toolName: "t",
      input,
      providerMetadata: { google: { thoughtSignature: "s" } },
    },
    END,
  ]);
  expect(events).toEqual([
    { type: "tool-call-start", part: 0, callId: "c", name: "t" },
    { type: "tool-input-delta", part: 0, callId: "c", text: input },
    expect.objectContaining({
      parts: [
        {
          type: "tool-call",
          callId: "c",
          name: "t",
          inputText: input,
          input: { a: 1 },
          providerMetadata: { google: { thoughtSignature: "s" } },
        },
      ],
    }),
  ]);
});

test("a call without arguments has an empty object", async () => {
  const parts = await partsOf([{ type: "tool-call", toolCallId: "c", toolName: "t", input: "" }]);
  expect(parts).toMatchObject([{ inputText: "", input: {} }]);
});

test("a tool that the provider ran leaves its call and its result", async () => {
  const parts = await partsOf([
    {
      type: "tool-call",
      toolCallId: "c",
      toolName: "search",
      input: "{}",
      providerExecuted: true,
      dynamic: true,
    },
    { type: "tool-result", toolCallId: "c", toolName: "search", result: { hits: 2 } },
  ]);
  expect(parts).toMatchObject([
    { type: "tool-call", executor: "provider" },
    {
      type: "tool-result",
      callId: "c",
      outcome: "ok",
      output: { type: "json", value: { hits: 2 } },
    },
  ]);
});

test("sources are kept, and blocks that are not understood stay as they are", async () => {
  const parts = await partsOf([
    { type: "source", sourceType: "url", id: "s", url: "https://example.com", title: "E" },
    { type: "custom", kind: "acme.block", providerMetadata: { acme: { x: 1 } } },
  ]);
  expect(parts).toEqual([
    { type: "source", kind: "url", title: "E", url: "https://example.com" },
    { type: "opaque", format: "acme.block", value: { acme: { x: 1 } } },
  ]);
});

test("a file that the model makes is saved as a blob; without a place for it that is said", async () => {
  const file: Chunk = {
    type: "file",
    mediaType: "image/png",
    data: { type: "data", data: new Uint8Array([1, 2, 3]) },
  };
  const saved: BlobContent[] = [];
  const parts = await partsOf([file], {
    saveBlob: async (content) => {
      saved.push(content);
      return "sha";
    },
  });
  expect(parts).toEqual([
    { type: "file", mediaType: "image/png", source: { kind: "blob", sha256: "sha", sizeBytes: 3 } },
  ]);
  expect(saved).toEqual([{ bytes: new Uint8Array([1, 2, 3]), mediaType: "image/png" }]);
  expect(await partsOf([file])).toMatchObject([{ type: "error", code: "unsupported_part" }]);
});

test("an answer that stops before its end is an error that can be retried", async () => {
  const text: Chunk[] = [
    { type: "text-start", id: "t" },
    { type: "text-delta", id: "t", delta: "half" },
  ];
  const cut: Chunk = { ...END, finishReason: { unified: "other", raw: undefined } };
  const expected = { code: "model_error", details: { isRetryable: true } };
  await expect(run([...text, cut])).rejects.toMatchObject(expected);
  await expect(run([])).rejects.toMatchObject(expected);
  await expect(
    run([...text, { type: "error", error: { message: "overloaded", code: 529 } }]),
  ).rejects.toMatchObject({
    code: "model_error",
    details: { isRetryable: true, status: 529 },
  });
});

test("nothing is printed, whatever the provider warns of", async () => {
  const spies = (["log", "warn", "error", "info"] as const).map((name) => vi.spyOn(console, name));
  try {
    await partsOf([{ type: "stream-start", warnings: [{ type: "other", message: "careful" }] }]);
    await run([{ type: "error", error: new Error("no") }]).catch(() => undefined);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});
