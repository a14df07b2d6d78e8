import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Tool, ToolContext } from "../../src/agents/agent.ts";
import { SkeinError } from "../../src/model/error.ts";
import type { Json } from "../../src/model/json.ts";
import { textOf } from "../../src/model/part.ts";
import type { Part } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { collect, openSkein, STORES, textsOf } from "./fixture.ts";

const adder = tool({
  name: "add",
  description: "Adds.",
  input: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  },
  effect: "idempotent",
  execute: (input) => {
    const { a, b } = input as { a: number; b: number };
    return { sum: a + b };
  },
});

function note(calls: { input: Json; context: ToolContext }[], name = "note"): Tool {
  return tool({
    name,
    description: "Notes.",
    input: { type: "object" },
    execute: (input, context) => {
      calls.push({ input, context });
      return `noted ${calls.length}`;
    },
  });
}

function resultsIn(messages: readonly { readonly parts: readonly Part[] }[]): readonly unknown[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.type === "tool-result" ? [[part.callId, part.outcome, part.output]] : [],
    ),
  );
}

describe.each(STORES)("a turn on the %s store", (_name, open) => {
  test("stores the input, the answer, its usage and its cost", async () => {
    const usage = { inputTokens: 1_000, outputTokens: 10 };
    const model = scriptedModel([{ items: ["Hello ", "Alice."], usage }], { id: "acme/one" });
    const store = await open();
    const prices = { "acme/one": { input: 2_000, output: 8_000 } };
    const skein = openSkein({ store, prices, agent: { model } });
    const response = await skein.respond({ threadId: "t1", userId: "alice", input: "I am Alice." });
    expect(response).toMatchObject({
      threadId: "t1",
      text: "Hello Alice.",
      run: { status: "completed", requestedBy: "alice" },
      usage,
      cost: { nanoDollars: 2_080_000, unpricedCalls: 0 },
    });
    const { messages } = await skein.messages("t1", {}, { userId: "alice" });
    expect(messages.map(({ role, parts }) => [role, textOf(parts)])).toEqual([
      ["user", "I am Alice."],
      ["assistant", "Hello Alice."],
    ]);
    expect(messages[1]).toMatchObject({
      status: "completed",
      model: "acme/one",
      usage,
      author: { kind: "agent", id: "assistant" },
    });
    const thread = await skein.get("t1");
    expect(thread).toMatchObject({ status: "idle", owner: "alice", usage, title: "I am Alice." });
  });

  test("an answer of a model without a price is unpriced, never free", async () => {
    const skein = openSkein({ store: await open(), agent: { model: scriptedModel(["Hi."]) } });
    const { cost } = await skein.respond({ input: "Hi" });
    expect(cost).toEqual({ nanoDollars: 0, unpricedCalls: 1 });
  });

  test("the model gets the conversation so far", async () => {
    const model = scriptedModel(["One.", "Two."]);
    const skein = openSkein({ store: await open(), agent: { model, instructions: "Be brief." } });
    await skein.respond({ threadId: "t", input: "First" });
    await skein.respond({ threadId: "t", input: "Second" });
    const asked = model.requests.map(({ messages }) => messages.map(({ parts }) => textOf(parts)));
    expect(asked).toEqual([["First"], ["First", "One.", "Second"]]);
    expect(model.requests[1]).toMatchObject({ system: "Be brief.", speakerLabels: false });
  });

  test("tools run, and their results go back to the model in the order of the calls", async () => {
    const calls: { input: Json; context: ToolContext }[] = [];
    const model = scriptedModel([
      [
        "Let me see. ",
        { toolCall: { callId: "c1", name: "note", input: { n: 1 } } },
        { toolCall: { callId: "c2", name: "add", input: { a: 1, b: 2 } } },
        { toolCall: { callId: "c3", name: "add", input: { a: 3, b: 4 } } },
      ],
      "Done.",
    ]);
    const store = await open();
    const skein = openSkein({ store, agent: { model, tools: [adder, note(calls)] } });
    const response = await skein.respond({ threadId: "t", input: "Work", userId: "alice" });
    expect(resultsIn(response.messages)).toEqual([
      ["c1", "ok", { type: "text", text: "noted 1" }],
      ["c2", "ok", { type: "json", value: { sum: 3 } }],
      ["c3", "ok", { type: "json", value: { sum: 7 } }],
    ]);
    expect(response.messages.map(({ role }) => role)).toEqual([
      "assistant",
      "tool",
      "tool",
      "tool",
      "assistant",
    ]);
    expect(response.text).toBe("Done.");
    expect(calls[0]?.context).toMatchObject({
      tenant: "default",
      threadId: "t",
      callId: "c1",
      userId: "alice",
      idempotencyKey: `${response.run?.id}:tool:c1`,
    });
    const steps = await skein.steps("t", response.run?.id ?? "");
    expect(steps.map(({ key, status }) => [key, status])).toEqual([
      ["model:1", "completed"],
      ["tool:c1", "completed"],
      ["tool:c2", "completed"],
      ["tool:c3", "completed"],
      ["model:2", "completed"],
    ]);
  });

  test("the model is told what is wrong with a call", async () => {
    const failing = tool({
      name: "fail",
      description: "Fails.",
      input: {},
      execute: () => {
        throw new Error("The printer is on fire.");
      },
    });
    const model = scriptedModel([
      [
        { toolCall: { callId: "c1", name: "add", input: { a: "1" } } },
        { toolCall: { callId: "c2", name: "nothing", input: {} } },
        { toolCall: { callId: "c3", name: "add", input: { pieces: ['{"a": 1, '] } } },
        { toolCall: { callId: "c4", name: "fail", input: {} } },
      ],
      "Sorry.",
    ]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [adder, failing] } });
    const { messages } = await skein.respond({ input: "Work" });
    const error = (text: string): unknown => ({ type: "error", text });
    expect(resultsIn(messages)).toEqual([
      ["c1", "error", error("`b` is missing. `a` must be number.")],
      ["c2", "error", error('There is no tool "nothing". The tools are add, fail.')],
      ["c3", "error", error("The arguments are not valid JSON. Send them again.")],
      ["c4", "error", error("The printer is on fire.")],
    ]);
  });

  test("a tool that takes too long is stopped, and its outcome is unknown", async () => {
    const stuck = tool({
      name: "stuck",
      description: "Never answers.",
      input: {},
      timeoutMs: 5,
      execute: () => new Promise(() => {}),
    });
    const model = scriptedModel([[{ toolCall: { name: "stuck", input: {} } }], "I gave up."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [stuck] } });
    const { messages, text } = await skein.respond({ input: "Work" });
    expect(resultsIn(messages)).toMatchObject([["call_1", "unknown", { type: "error" }]]);
    expect(text).toBe("I gave up.");
  });

  test("call ids that a model repeats are told apart", async () => {
    const calls: { input: Json; context: ToolContext }[] = [];
    const again = { toolCall: { callId: "same", name: "note", input: {} } };
    const model = scriptedModel([[again], [again, again], "Done."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [note(calls)] } });
    const { messages } = await skein.respond({ input: "Work" });
    expect(calls.map(({ context }) => context.callId)).toEqual(["same", "same_2", "same_3"]);
    expect(resultsIn(messages)).toHaveLength(3);
  });

  test("a run stops at its limit of model calls", async () => {
    const model = scriptedModel((_request, index) => [
      { toolCall: { callId: `c${index}`, name: "add", input: { a: 1, b: 1 } } },
    ]);
    const store = await open();
    const skein = openSkein({ store, agent: { model, tools: [adder], maxSteps: 3 } });
    const { run, messages } = await skein.respond({ input: "Work" });
    expect(run).toMatchObject({ status: "incomplete", error: { code: "limit_exceeded" } });
    expect(messages).toHaveLength(6);
    expect(model.requests).toHaveLength(3);
  });

  test.each([
    ["length", "max_tokens"],
    ["content-filter", "content_filter"],
  ] as const)("an answer that ends with %s is incomplete", async (finish, reason) => {
    const model = scriptedModel([{ items: ["Once upon"], finish }]);
    const skein = openSkein({ store: await open(), agent: { model } });
    const { run, messages, text } = await skein.respond({ input: "Tell" });
    expect(text).toBe("Once upon");
    expect(messages[0]).toMatchObject({ status: "incomplete", reason });
    expect(run).toMatchObject({ status: "incomplete", error: { code: reason } });
  });

  test("a call in an answer that was cut short is not carried out, and is closed", async () => {
    const calls: { input: Json; context: ToolContext }[] = [];
    const items = [{ toolCall: { callId: "c1", name: "note", input: {} } }];
    const model = scriptedModel([{ items, finish: "length" }]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [note(calls)] } });
    const { messages } = await skein.respond({ threadId: "t", input: "Tell" });
    expect(calls).toEqual([]);
    expect(resultsIn(messages)).toMatchObject([["c1", "cancelled", { type: "error" }]]);
    expect((await skein.detail("t")).branches[0]?.pending).toEqual([]);
  });

  test("an empty answer is kept", async () => {
    const skein = openSkein({ store: await open(), agent: { model: scriptedModel([[]]) } });
    const { messages, text } = await skein.respond({ input: "Say nothing" });
    expect(messages).toMatchObject([{ role: "assistant", status: "completed", parts: [] }]);
    expect(text).toBe("");
  });

  test("reasoning is kept and streamed apart from the text", async () => {
    const model = scriptedModel([[{ reasoning: "Hm. " }, { reasoning: "Yes." }, "Four."]]);
    const skein = openSkein({ store: await open(), agent: { model } });
    const events = await collect(skein.stream({ input: "2 + 2" }));
    expect(Object.values(textsOf(events))).toEqual(["Hm. Yes.", "Four."]);
    const kinds = events.flatMap((event) => (event.type === "delta" ? [event.kind] : []));
    expect(new Set(kinds)).toEqual(new Set(["reasoning", "text"]));
  });

  test("text that no store keeps as it is becomes text that every store keeps", async () => {
    const model = scriptedModel([["a\0b", "\uD83D", "\uDE00 c\uD800", "d"]]);
    const skein = openSkein({ store: await open(), agent: { model } });
    const events = await collect(skein.stream({ input: "Go" }));
    const stored = events.flatMap((event) =>
      event.type === "message" ? [textOf(event.message.parts)] : [],
    );
    expect(stored).toEqual(["a\uFFFDb\u{1F600} c\uFFFDd"]);
    expect(Object.values(textsOf(events))).toEqual(stored);
  });
});

function broken(message: string, isRetryable: boolean): SkeinError {
  return new SkeinError("model_error", message, { details: { isRetryable } });
}

describe.each(STORES)("a model that fails, on the %s store", (_name, open) => {
  test("is asked again, and readers drop what the first attempt wrote", async () => {
    const model = scriptedModel([["Hel", { error: broken("503", true) }], "Hello."]);
    const skein = openSkein({ store: await open(), agent: { model } });
    const events = await collect(skein.stream({ threadId: "t", input: "Hi" }));
    const types = events.map(({ type }) => type);
    expect(types).toContain("attempt-reset");
    expect(Object.values(textsOf(events))).toEqual(["Hello."]);
    const { messages } = await skein.messages("t");
    expect(messages).toHaveLength(2);
    const [run] = (await skein.runs("t")).items;
    expect(await skein.steps("t", run?.id ?? "")).toMatchObject([
      { key: "model:1", attempt: 2, status: "completed" },
    ]);
    // The attempt that broke off was paid for as well.
    expect(run?.cost.unpricedCalls).toBe(2);
  });

  test("is given up after three attempts, and the text of the last is kept", async () => {
    const model = scriptedModel([
      ["a", { error: broken("503", true) }],
      ["b", { error: broken("503", true) }],
      ["partial", { error: broken("The provider answered 503.", true) }],
    ]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await expect(skein.respond({ threadId: "t", input: "Hi" })).rejects.toMatchObject({
      code: "model_error",
      message: "The provider answered 503.",
    });
    const { messages } = await skein.messages("t");
    expect(messages[1]).toMatchObject({
      status: "incomplete",
      reason: "error",
      parts: [{ type: "text", text: "partial" }],
    });
    const [run] = (await skein.runs("t")).items;
    expect(run).toMatchObject({ status: "failed", error: { code: "model_error" } });
    expect(await skein.get("t")).toMatchObject({ status: "idle", activeRunId: null });
  });

  test("fails at once when the request is at fault, and the thread goes on", async () => {
    const model = scriptedModel([[{ error: broken("400", false) }], "Better."]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await expect(skein.respond({ threadId: "t", input: "Hi" })).rejects.toMatchObject({
      code: "model_error",
    });
    expect(model.requests).toHaveLength(1);
    expect((await skein.respond({ threadId: "t", input: "Again" })).text).toBe("Better.");
  });

  test("that is not configured fails the run with what to do", async () => {
    const skein = openSkein({ store: await open(), agent: { model: "openai/gpt-5" } });
    await expect(skein.respond({ input: "Hi" })).rejects.toMatchObject({
      code: "model_not_configured",
      message: expect.stringContaining("OPENAI_API_KEY"),
    });
  });

  test("with an error that nobody foresaw fails the run", async () => {
    const model = scriptedModel([["Hel", { error: new TypeError("x is not a function") }]]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await expect(skein.respond({ threadId: "t", input: "Hi" })).rejects.toMatchObject({
      code: "model_error",
      message: expect.stringContaining("x is not a function"),
    });
    expect((await skein.messages("t")).messages[1]?.parts).toMatchObject([{ text: "Hel" }]);
  });

  test("that does not exist fails the run", async () => {
    const skein = openSkein({ store: await open() });
    await skein.create({ id: "t" });
    const other = skein.as({});
    const { run } = await other.append("t", {
      messages: [{ content: "Hi" }],
      run: { model: "no" },
    });
    expect(await skein.waitForRun("t", run?.id ?? "")).toMatchObject({
      status: "failed",
      error: { code: "model_not_configured" },
    });
  });
});
