import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isSkeinError } from "../../model/error.ts";
import type { MessageBody } from "../../model/message.ts";
import { text } from "../../model/part.ts";
import {
  startStubModel,
  type StubModel,
  type StubScript,
} from "../../testing/stub-model/start-stub-model.ts";
import type { Model, ModelEvent, ModelRequest } from "./model.ts";
import { resolveModel } from "./resolve.ts";

let stub: StubModel;

beforeEach(async () => {
  stub = await startStubModel();
});

afterEach(async () => {
  await stub.close();
});

function model(url: string = stub.url): Promise<Model> {
  return resolveModel("compatible/stub", {
    SKEIN_MODEL_URL: url,
    SKEIN_MODEL_KEY: "sk-secret-12345678",
  });
}

function user(said: string, id = "m1"): MessageBody {
  return { id, role: "user", status: "completed", parts: [text(said)] };
}

function request(said: string, fields: Partial<ModelRequest> = {}): ModelRequest {
  return {
    system: undefined,
    messages: [user(said)],
    tools: [],
    signal: new AbortController().signal,
    loadBlob: () => Promise.reject(new Error("no blob is expected")),
    speakerLabels: false,
    now: 0,
    ...fields,
  };
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const collected: ModelEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

async function failureOf(events: AsyncIterable<ModelEvent>): Promise<unknown> {
  try {
    await collect(events);
  } catch (error) {
    return error;
  }
  return undefined;
}

async function withScript<T>(script: StubScript, use: (model: Model) => Promise<T>): Promise<T> {
  const scripted = await startStubModel({ script });
  try {
    return await use(await model(scripted.url));
  } finally {
    await scripted.close();
  }
}

const WEATHER = {
  name: "weather",
  description: "Tells the weather.",
  inputSchema: { type: "object", properties: { city: { type: "string" } } },
} as const;

describe("one step over HTTP", () => {
  test("streams text whose deltas joined are the stored text, and reports usage", async () => {
    const events = await collect((await model()).stream(request("say one two  three\nfour")));
    const end = events.at(-1);
    const deltas = events.filter((event) => event.type === "text-delta");
    expect(deltas.map((delta) => delta.text).join("")).toBe("one two  three\nfour");
    expect(deltas.length).toBeGreaterThan(2);
    expect(end).toEqual({
      type: "step-end",
      parts: [{ type: "text", text: "one two  three\nfour" }],
      finish: "stop",
      usage: { inputTokens: 6, outputTokens: 5 },
      model: "compatible/stub",
    });
  });

  test("keeps reasoning apart from the answer, each with its own index", async () => {
    const events = await collect((await model()).stream(request("reason about it")));
    const end = events.at(-1);
    expect(end).toMatchObject({
      parts: [
        { type: "reasoning", text: "Thinking about about it." },
        { type: "text", text: "about it" },
      ],
      usage: { reasoningTokens: 6 },
    });
    expect(
      new Set(events.filter((event) => event.type === "reasoning-delta").map(({ part }) => part)),
    ).toEqual(new Set([0]));
    expect(
      new Set(events.filter((event) => event.type === "text-delta").map(({ part }) => part)),
    ).toEqual(new Set([1]));
  });

  test("rebuilds tool arguments that arrive in pieces, exactly as they were written", async () => {
    const said = 'call weather {"city":  "São Paulo", "days": 12}';
    const events = await collect((await model()).stream(request(said, { tools: [WEATHER] })));
    const pieces = events.filter((event) => event.type === "tool-input-delta");
    const inputText = '{"city":  "São Paulo", "days": 12}';
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.map((piece) => piece.text).join("")).toBe(inputText);
    expect(events.find((event) => event.type === "tool-call-start")).toMatchObject({
      part: 0,
      name: "weather",
    });
    expect(events.at(-1)).toMatchObject({
      finish: "tool-calls",
      parts: [
        {
          type: "tool-call",
          callId: "call_1",
          name: "weather",
          inputText,
          input: { city: "São Paulo", days: 12 },
        },
      ],
    });
  });

  test("two calls in one step keep their own arguments", async () => {
    const toolCalls = [
      { name: "weather", arguments: '{"city":"Oslo"}' },
      { name: "weather", arguments: '{"city":"Rome"}' },
    ];
    const events = await withScript([{ text: "Both.", toolCalls }], (scripted) =>
      collect(scripted.stream(request("x", { tools: [WEATHER] }))),
    );
    expect(events.at(-1)).toMatchObject({
      parts: [
        { type: "text", text: "Both." },
        { type: "tool-call", callId: "call_1", input: { city: "Oslo" } },
        { type: "tool-call", callId: "call_2", input: { city: "Rome" } },
      ],
    });
  });

  test("arguments that are not JSON are kept as text, without a parsed value", async () => {
    const events = await collect(
      (await model()).stream(request('call weather {"city": ', { tools: [WEATHER] })),
    );
    const end = events.at(-1);
    expect(end).toMatchObject({ parts: [{ type: "tool-call", inputText: '{"city":' }] });
    expect(end?.type === "step-end" && end.parts[0] && "input" in end.parts[0]).toBe(false);
  });

  test("a call of a tool that was not offered is reported like any other", async () => {
    const events = await collect(
      (await model()).stream(request("call other {}", { tools: [WEATHER] })),
    );
    expect(events.at(-1)).toMatchObject({
      finish: "tool-calls",
      parts: [{ type: "tool-call", name: "other", inputText: "{}", input: {} }],
    });
  });

  test("cached tokens are counted, and absent usage stays absent", async () => {
    const usage = { inputTokens: 100, outputTokens: 7, cachedInputTokens: 60, reasoningTokens: 3 };
    const events = await withScript(
      [
        { text: "a", usage },
        { text: "b", usage: null },
      ],
      async (scripted) => [
        ...(await collect(scripted.stream(request("x")))),
        ...(await collect(scripted.stream(request("x")))),
      ],
    );
    const ends = events.filter((event) => event.type === "step-end");
    expect(ends.map((end) => end.usage)).toEqual([usage, undefined]);
  });

  test("an answer cut at the limit and an empty one end normally and say so", async () => {
    const length = await collect((await model()).stream(request("length")));
    const empty = await collect((await model()).stream(request("empty")));
    expect(length.at(-1)).toMatchObject({ finish: "length" });
    expect(empty).toEqual([
      expect.objectContaining({ type: "step-end", parts: [], finish: "stop" }),
    ]);
  });

  test("sends instructions, settings, tools and the key, and asks for no second step", async () => {
    await collect(
      (await model()).stream(
        request("say hi", {
          system: "Be brief.",
          tools: [WEATHER],
          settings: { temperature: 0.5, maxOutputTokens: 99 },
        }),
      ),
    );
    expect(stub.requests).toHaveLength(1);
    expect(stub.requests[0]?.authorization).toBe("Bearer sk-secret-12345678");
    expect(stub.requests[0]?.body).toMatchObject({
      model: "stub",
      stream: true,
      temperature: 0.5,
      max_tokens: 99,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "say hi" },
      ],
      tools: [{ type: "function", function: { name: "weather", parameters: WEATHER.inputSchema } }],
    });
  });
});

describe("stopping", () => {
  test("an abort ends the stream at once, keeps what was read and closes the connection", async () => {
    const controller = new AbortController();
    const read: string[] = [];
    const consume = async (): Promise<void> => {
      for await (const event of (await model()).stream(
        request("slow 5000 5", { signal: controller.signal }),
      )) {
        if (event.type === "text-delta") read.push(event.text);
        if (read.length === 3) controller.abort();
      }
    };
    await expect(consume()).rejects.toMatchObject({ code: "aborted" });
    expect(read.join("")).toBe("word1 word2 word3");
    await expect(stub.requests[0]?.ended).resolves.toBe("aborted");
  });

  test("a caller that stops reading closes the connection", async () => {
    for await (const event of (await model()).stream(request("slow 5000 5")))
      if (event.type === "text-delta") break;
    await expect(stub.requests[0]?.ended).resolves.toBe("aborted");
  });

  test("an abort reaches a server that stays silent", async () => {
    const controller = new AbortController();
    const failed = failureOf(
      (await model()).stream(request("hang", { signal: controller.signal })),
    );
    while (stub.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await failed).toMatchObject({ code: "aborted" });
    await expect(stub.requests[0]?.ended).resolves.toBe("aborted");
  });

  test("a signal that fired before sends nothing", async () => {
    const failed = await failureOf(
      (await model()).stream(request("say x", { signal: AbortSignal.abort() })),
    );
    expect(failed).toMatchObject({ code: "aborted" });
    expect(stub.requests).toHaveLength(0);
  });
});

describe("failures", () => {
  test("429 is retryable after the time that the provider asks for", async () => {
    expect(await failureOf((await model()).stream(request("fail 429")))).toMatchObject({
      code: "model_error",
      message: "The provider of compatible/stub answered 429: scripted failure 429",
      retryAfterMs: 2_000,
      details: { model: "compatible/stub", status: 429, isRetryable: true },
    });
    expect(stub.requests).toHaveLength(1);
  });

  test("500 is retryable, 400 is not", async () => {
    expect(await failureOf((await model()).stream(request("fail 500")))).toMatchObject({
      code: "model_error",
      details: { status: 500, isRetryable: true },
    });
    expect(await failureOf((await model()).stream(request("fail 400")))).toMatchObject({
      code: "model_error",
      details: { status: 400, isRetryable: false },
    });
  });

  test("a refused key names the variable and never the key", async () => {
    const error = await failureOf((await model()).stream(request("fail 401")));
    expect(error).toMatchObject({ code: "model_not_configured", details: { status: 401 } });
    expect(isSkeinError(error) && error.message).toContain("SKEIN_MODEL_KEY");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("sk-secret");
  });

  test("a connection that breaks in the middle is retryable, after the text that came", async () => {
    const read: string[] = [];
    const consume = async (): Promise<void> => {
      for await (const event of (await model()).stream(request("fail-midstream")))
        if (event.type === "text-delta") read.push(event.text);
    };
    await expect(consume()).rejects.toMatchObject({
      code: "model_error",
      message: expect.stringContaining("broke off"),
      details: { isRetryable: true },
    });
    expect(read.join("")).toBe("this answer");
  });

  test("a server that is not there is named without its query", async () => {
    await stub.close();
    const error = await failureOf((await model(`${stub.url}?key=hidden`)).stream(request("say x")));
    expect(error).toMatchObject({ code: "model_error", details: { isRetryable: true } });
    expect(isSkeinError(error) && error.message).toContain(new URL(stub.url).origin);
    expect(isSkeinError(error) && error.message).not.toContain("hidden");
  });
});
