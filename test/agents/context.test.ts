import { describe, expect, test } from "vitest";
import { agent, tool } from "../../src/agents/agent.ts";
import type { ModelRequest } from "../../src/agents/models/model.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { SkeinError } from "../../src/model/error.ts";
import { textOf } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { gate, openSkein, STORES } from "./fixture.ts";

/** Answers questions with `ok`, and counts what it is asked to sum up. */
function talker(summarize: (prompt: string, count: number) => string = (_, n) => `S${n}`) {
  let summaries = 0;
  return scriptedModel(
    (request) => {
      if (!isSummary(request)) return "ok";
      summaries += 1;
      return summarize(wordsOf(request).join("\n"), summaries);
    },
    { id: "talker" },
  );
}

const isSummary = ({ system = "" }: ModelRequest): boolean => system.includes("sum up");
const wordsOf = ({ messages }: ModelRequest): readonly string[] =>
  messages.map(({ parts }) => textOf(parts));

/** A thread with `count` messages, m0 to the last, users and assistants in turn. */
async function talk(skein: Skein, count: number, words = (n: number) => `m${n}`): Promise<void> {
  await skein.create({ id: "t" });
  for (let n = 0; n < count; n += 500)
    await skein.append("t", {
      messages: Array.from({ length: Math.min(500, count - n) }, (_, i) => ({
        id: `m${n + i}`,
        role: (n + i) % 2 === 0 ? ("user" as const) : ("assistant" as const),
        content: words(n + i),
      })),
    });
}

describe.each(STORES)("on the %s store, what a model gets", (_name, open) => {
  test("has a summary of what has left the window, made once and then reused", async () => {
    const model = talker();
    const context = { lastMessages: 6, summary: {} };
    const skein = openSkein({ store: await open(), agent: { model, context } });
    await talk(skein, 10);
    await skein.respond({ threadId: "t", input: "q1" });
    const [asked, answered] = model.requests;
    expect(asked && isSummary(asked)).toBe(true);
    expect(asked && wordsOf(asked)[0]).toContain('user "local": m0');
    expect(asked && wordsOf(asked)[0]).toContain("assistant: m7");
    expect(asked && wordsOf(asked)[0]).not.toContain("m8");
    expect(answered && wordsOf(answered)).toEqual([
      "[Summary of the 8 messages before this, made by a model]\nS1",
      "m8",
      "m9",
      "q1",
    ]);
    await skein.respond({ threadId: "t", input: "q2" });
    expect(model.requests).toHaveLength(3);
    expect(wordsOf(model.requests[2] ?? never())).toContain("q1");
  });

  test("goes on with the summary so far when more has left the window", async () => {
    const model = talker();
    const skein = openSkein({
      store: await open(),
      agent: { model, context: { lastMessages: 4, summary: {} } },
    });
    await talk(skein, 6);
    for (const input of ["q1", "q2", "q3"]) await skein.respond({ threadId: "t", input });
    const second = model.requests.filter(isSummary)[1];
    expect(wordsOf(second ?? never())[0]).toMatch(/^Summary so far:\n\nS1\n\nConversation:/);
    expect(wordsOf(second ?? never())[0]).not.toContain("m0");
  });

  test("is paid for by the run, in a step of its own", async () => {
    const model = talker();
    const skein = openSkein({
      store: await open(),
      agent: { model, context: { lastMessages: 4, summary: {} }, price: { input: 10, output: 20 } },
    });
    await talk(skein, 8);
    const { run } = await skein.respond({ threadId: "t", input: "q" });
    const steps = await skein.steps("t", run?.id ?? "");
    expect(steps.map(({ kind, key, status }) => [kind, key, status])).toEqual([
      ["compact", "compact:0", "completed"],
      ["model", "model:1", "completed"],
    ]);
    const [entry] = (await skein.log("t")).filter(({ op }) => op === "context.compact");
    expect(entry?.data).toMatchObject({
      messageId: "m6",
      depth: 6,
      messages: 7,
      text: "S1",
      model: "talker",
      runId: run?.id,
    });
    const used = steps.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0);
    expect(run?.usage.inputTokens).toBe(used);
    expect(run?.cost.nanoDollars).toBeGreaterThan(0);
    expect((await skein.stats("t")).usage.inputTokens).toBe(used);
  });

  test("comes from a cheaper model where one is named, at that model's price", async () => {
    const model = talker();
    const cheap = scriptedModel(() => "cheap words", { id: "cheap" });
    const context = { lastMessages: 4, summary: { model: cheap } };
    const skein = openSkein({
      store: await open(),
      agent: { model, context, price: { input: 1_000, output: 1_000 } },
      prices: { cheap: { input: 0, output: 0 } },
    });
    await talk(skein, 8);
    await skein.respond({ threadId: "t", input: "q" });
    expect(cheap.requests).toHaveLength(1);
    expect(model.requests).toHaveLength(1);
    const [entry] = (await skein.log("t")).filter(({ op }) => op === "context.compact");
    expect(entry?.data).toMatchObject({ model: "cheap", cost: { nanoDollars: 0 } });
  });

  test("is summed up in chunks, whose summaries outlive the process", async () => {
    const store = await open();
    const reached = gate();
    const context = { lastMessages: 10, summary: { chunkTokens: 400 } };
    const asked: string[] = [];
    const stuck = scriptedModel((request, index) => {
      if (index === 2) reached.open();
      if (index >= 2) return [{ wait: new Promise(() => {}) }];
      asked.push(wordsOf(request)[0] ?? "");
      return `S${index + 1}`;
    });
    const first = openSkein({ store, agent: { model: stuck, context } });
    await talk(first, 60, (n) => `m${n} ${"x".repeat(96)}`);
    const { run } = await first.append("t", { messages: [{ content: "q" }], run: {} });
    await reached.opened;
    await first.drain(0);
    const model = talker((prompt, n) => {
      asked.push(prompt);
      return `T${n}`;
    });
    const second = openSkein({ store, agent: { model, context } });
    expect(await second.waitForRun("t", run?.id ?? "")).toMatchObject({ status: "completed" });
    for (let n = 0; n < 56; n++)
      expect(asked.filter((prompt) => prompt.includes(`: m${n} x`))).toHaveLength(1);
    expect(asked.join("\n")).not.toContain("m56 x");
    const final = model.requests.at(-1) ?? never();
    expect(wordsOf(final)[0]).toMatch(/^\[Summary of the 56 messages/);
    expect(wordsOf(final)).toHaveLength(6);
  });

  test("is answered without a summary when none can be made", async () => {
    const broken = new SkeinError("model_error", "No.", { details: { isRetryable: true } });
    const failing = scriptedModel(() => [{ error: broken }], { id: "failing" });
    const model = talker();
    const skein = openSkein({
      store: await open(),
      agent: { model, context: { lastMessages: 4, summary: { model: failing } } },
    });
    await talk(skein, 8);
    const { run, text } = await skein.respond({ threadId: "t", input: "q" });
    expect(text).toBe("ok");
    expect(failing.requests).toHaveLength(3);
    expect((await skein.steps("t", run?.id ?? ""))[0]).toMatchObject({
      kind: "compact",
      status: "failed",
      attempt: 3,
      error: { code: "model_error" },
    });
    expect(wordsOf(model.requests[0] ?? never())).toEqual(["m5", "m6", "m7", "q"]);
  });

  test("has no summary that covers a redacted message, in the thread and in its forks", async () => {
    const model = talker((prompt, n) => (prompt.includes("m2") ? "tells m2" : `clean ${n}`));
    const skein = openSkein({
      store: await open(),
      agent: { model, context: { lastMessages: 4, summary: {} } },
    });
    await talk(skein, 8);
    await skein.respond({ threadId: "t", input: "q1" });
    const fork = await skein.fork("t");
    await skein.respond({ threadId: fork.id, input: "in the fork" });
    expect(wordsOf(model.requests.at(-1) ?? never())[0]).toContain("tells m2");
    expect(model.requests.filter(isSummary)).toHaveLength(1);
    await skein.redact("t", "m2");
    for (const id of ["t", fork.id]) {
      await skein.respond({ threadId: id, input: "again" });
      const said = wordsOf(model.requests.at(-1) ?? never()).join("\n");
      expect(said).toContain("clean");
      expect(said).not.toContain("m2");
    }
  });

  test("has the newest summary of its own path, not that of a path that was left", async () => {
    const model = talker((_prompt, n) => `S${n}`);
    const skein = openSkein({
      store: await open(),
      agent: { model, context: { lastMessages: 4, summary: {} } },
    });
    await talk(skein, 8);
    await skein.respond({ threadId: "t", input: "q1" });
    await skein.edit("t", "m2", { content: "other", run: {} });
    await skein.respond({ threadId: "t", input: "q2" });
    const second = wordsOf(model.requests.filter(isSummary)[1] ?? never())[0];
    expect(second).toContain("other");
    expect(second).not.toContain("S1");
    expect(wordsOf(model.requests.at(-1) ?? never())[0]).toContain("S2");
    const early = await skein.fork("t", { messageId: "m1" });
    await skein.respond({ threadId: early.id, input: "early" });
    expect(wordsOf(model.requests.at(-1) ?? never())).toEqual(["m0", "m1", "early"]);
  });

  test("always has what is pinned, with its calls, and loses it when it is unpinned", async () => {
    const model = talker();
    const skein = openSkein({
      store: await open(),
      agent: { model, context: { lastMessages: 2 } },
    });
    await skein.create({
      id: "t",
      messages: [
        { id: "p1", content: "Remember this", metadata: { pinned: true } },
        { id: "x", role: "assistant", content: "Yes" },
        {
          id: "c",
          role: "assistant",
          content: [{ type: "tool-call", callId: "k", name: "look", inputText: "{}" }],
        },
        {
          id: "r",
          role: "tool",
          content: [
            {
              type: "tool-result",
              callId: "k",
              name: "look",
              outcome: "ok",
              output: { type: "text", text: "found" },
            },
          ],
        },
        { id: "y", role: "assistant", content: "There" },
        { id: "z", content: "Fine" },
        { id: "z2", role: "assistant", content: "Good" },
      ],
    });
    await skein.annotate("t", "r", { pinned: true });
    await skein.respond({ threadId: "t", input: "q" });
    const got = (index: number) => model.requests[index]?.messages.map(({ id }) => id).slice(0, -1);
    expect(got(0)).toEqual(["p1", "c", "r", "z2"]);
    await skein.annotate("t", "p1", { pinned: false });
    await skein.respond({ threadId: "t", input: "q" });
    expect(got(1)?.slice(0, 2)).toEqual(["c", "r"]);
  });

  test("has old large outputs of tools shortened, with a note of what was left out", async () => {
    let calls = 0;
    const model = scriptedModel((_request, index) =>
      index % 2 === 0 ? [{ toolCall: { callId: `c${index}`, name: "read", input: {} } }] : "done",
    );
    const read = tool({
      name: "read",
      description: "Reads.",
      input: { type: "object" },
      execute: () => `${++calls}:${"x".repeat(5_000)}:end`,
    });
    const context = { toolOutputs: { keepNewest: 1, maxCharacters: 200 } };
    const skein = openSkein({ store: await open(), agent: { model, tools: [read], context } });
    await skein.create({ id: "t" });
    await skein.respond({ threadId: "t", input: "one" });
    await skein.respond({ threadId: "t", input: "two" });
    const outputs = (model.requests.at(-1) ?? never()).messages.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part.type === "tool-result" && part.output.type !== "json" ? [part.output.text] : [],
      ),
    );
    expect(outputs[0]).toMatch(/^1:x+\n\[… 4806 characters left out …\]\nx+:end$/);
    expect(outputs[1]).toHaveLength(5_006);
    const stored = (await skein.messages("t")).messages.find(({ role }) => role === "tool");
    expect(JSON.stringify(stored)).toContain("x".repeat(5_000));
  });

  test("can be looked at, with the reasons for what is missing, as it is and as it was", async () => {
    const context = { lastMessages: 6, summary: {} };
    const skein = openSkein({
      store: await open(),
      agent: { model: talker(), context, instructions: "Be kind." },
      others: [agent({ name: "small", model: "demo", context: { tokenBudget: 3 } })],
    });
    await talk(skein, 300);
    const { version } = await skein.get("t");
    await skein.respond({ threadId: "t", input: "q" });
    const report = await skein.context("t");
    expect(report).toMatchObject({
      agentId: "assistant",
      model: "talker",
      branch: "main",
      system: "Be kind.",
      tokenizer: "estimate",
      lastMessages: 6,
      tokenBudget: null,
      summary: { messages: 298, messageId: "m297", depth: 297, threadId: "t" },
    });
    expect(report.messages.map(({ message: { parts } }) => textOf(parts).slice(0, 8))).toEqual([
      "[Summary",
      "m298",
      "m299",
      "q",
      "ok",
    ]);
    const counted = (all: typeof report) =>
      all.leftOut.reduce((sum, { messages }) => sum + messages, 0);
    expect(new Set(report.leftOut.map(({ reason }) => reason))).toEqual(new Set(["summarized"]));
    expect(counted(report)).toBe(298);
    const before = await skein.context("t", { at: version });
    expect(before).toMatchObject({ version, summary: null });
    expect(counted(before)).toBe(294);
    expect(before.leftOut.at(-1)).toMatchObject({
      reason: "last_messages",
      lastMessageId: "m293",
    });
    const small = await skein.context("t", { agentId: "small" });
    expect(small).toMatchObject({ tokenBudget: 3, summary: null });
    expect(small.messages).toHaveLength(302 - counted(small));
    expect(small.leftOut.at(-1)).toMatchObject({ reason: "token_budget" });
    const fork = await skein.fork("t", { at: version });
    expect((await skein.context(fork.id)).summary).toBeNull();
  });

  test("is summed up for every agent of a function, too", async () => {
    const model = talker();
    const writer = agent({ name: "writer", model, context: { lastMessages: 4, summary: {} } });
    const skein = openSkein({
      store: await open(),
      agent: { handler: async (flow) => (await flow.runAgent("say", "writer")).text },
      others: [writer],
    });
    await talk(skein, 8);
    await skein.respond({ threadId: "t", input: "q" });
    expect(wordsOf(model.requests.at(-1) ?? never())[0]).toContain("S1");
  });
});

test("a thread has at most 100 pins", async () => {
  const [, open] = STORES[0] ?? never();
  const skein = openSkein({ store: await open() });
  await skein.create({ id: "t" });
  const pinned = (n: number) => ({ id: `p${n}`, content: "x", metadata: { pinned: true } });
  await skein.append("t", { messages: Array.from({ length: 100 }, (_, n) => pinned(n)) });
  await expect(skein.append("t", { messages: [pinned(100)] })).rejects.toMatchObject({
    code: "limit_exceeded",
  });
  await skein.annotate("t", "p0", { pinned: null });
  await skein.append("t", { messages: [pinned(101)] });
});

function never(): never {
  throw new Error("It is not there.");
}
