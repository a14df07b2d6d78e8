import { describe, expect, test } from "vitest";
import type { ModelRequest } from "../../src/agents/models/model.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { SkeinError } from "../../src/model/error.ts";
import { textOf } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES } from "./fixture.ts";

const promptOf = ({ messages }: ModelRequest): string =>
  messages.map(({ parts }) => textOf(parts)).join("\n");

/** What a good model answers. */
const sheet = (summary: string, more: object = {}): string =>
  JSON.stringify({ summary, topics: ["trees"], decisions: [], ...more });

const summarizer = () => scriptedModel((_request, index) => sheet(`S${index + 1}`));

async function say(skein: Skein, from: number, to: number, words = ""): Promise<void> {
  for (let n = from; n < to; n += 500)
    await skein.append("t", {
      messages: Array.from({ length: Math.min(500, to - n) }, (_, i) => ({
        id: `m${n + i}`,
        role: (n + i) % 2 === 0 ? ("user" as const) : ("assistant" as const),
        content: `m${n + i}.${words}`,
      })),
    });
}

describe.each(STORES)("on the %s store, a summary", (_name, open) => {
  test("has parts, says what it is of, and is in the metadata", async () => {
    const model = scriptedModel([
      `Here it is:\n\`\`\`json\n${sheet("They plant trees.", {
        decisions: ["Oaks"],
        action_items: ["Ann buys them", { who: "Bob" }],
        outcomes: ["A plan"],
      })}\n\`\`\``,
    ]);
    const clock = () => Date.UTC(2026, 10, 21, 12);
    const skein = openSkein({
      store: await open(),
      clock,
      agent: { model, price: { input: 1, output: 1 } },
    });
    await skein.create({ id: "t", metadata: { kept: true } });
    await say(skein, 0, 4);
    const made = await skein.summarize("t");
    expect(made).toMatchObject({
      threadId: "t",
      text: "They plant trees.",
      topics: ["trees"],
      decisions: ["Oaks"],
      actionItems: ["Ann buys them", '{"who":"Bob"}'],
      outcomes: ["A plan"],
      isStructured: true,
      style: "standard",
      model: "scripted",
      covers: { branch: "main", messages: 4, messageId: "m3", depth: 3 },
      isStale: false,
      newMessages: 0,
      calls: 1,
    });
    expect(made.source).toMatch(/^[0-9a-f]{64}$/);
    expect(made.cost.nanoDollars).toBeGreaterThan(0);
    const thread = await skein.get("t");
    expect(thread.metadata).toEqual({
      kept: true,
      summary: "They plant trees.",
      summarized_at: "2026-11-21T12:00:00.000Z",
    });
    expect(thread.cost).toEqual(made.cost);
    const entry = (await skein.log("t")).find(({ op }) => op === "context.compact");
    expect(entry?.version).toBe(made.writtenIn.version);
  });

  test("is stale when the thread has moved on, and goes on with what is new", async () => {
    const model = summarizer();
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    await say(skein, 0, 4);
    const first = await skein.summarize("t");
    expect(await skein.summarize("t")).toMatchObject({ text: "S1", calls: 0 });
    await say(skein, 4, 6);
    expect(await skein.summary("t")).toMatchObject({ text: "S1", isStale: true, newMessages: 2 });
    const second = await skein.summarize("t");
    expect(second).toMatchObject({ text: "S2", isStale: false, calls: 1 });
    expect(second.source).not.toBe(first.source);
    const prompt = promptOf(model.requests[1] ?? missing());
    expect(prompt).toContain('Summary so far:\n\n{"summary":"S1"');
    expect(prompt).toContain("m4.");
    expect(prompt).not.toContain("m3.");
    expect(await skein.summarize("t", { fresh: true })).toMatchObject({ text: "S3" });
    expect(promptOf(model.requests[2] ?? missing())).toContain("m0.");
  });

  test("of a long thread is made in parts, and a restart repeats none of them", async () => {
    const store = await open();
    const limit = new SkeinError("model_error", "Gone.", { details: { isRetryable: false } });
    const dying = scriptedModel((_request, index) =>
      index < 2 ? sheet(`S${index + 1}`) : [{ error: limit }],
    );
    const first = openSkein({ store, agent: { model: dying } });
    await first.create({ id: "t" });
    await say(first, 0, 40, "x".repeat(190));
    const wish = { chunkTokens: 500 };
    await expect(first.summarize("t", wish)).rejects.toMatchObject({ code: "model_error" });
    expect(await first.summary("t")).toBeNull();
    expect((await first.get("t")).metadata).toEqual({});
    await first.drain(0);
    const model = summarizer();
    const second = openSkein({ store, agent: { model } });
    const made = await second.summarize("t", wish);
    expect(made).toMatchObject({ covers: { messages: 40, depth: 39 }, isStale: false });
    const prompts = [...dying.requests.slice(0, 2), ...model.requests].map(promptOf);
    for (let n = 0; n < 40; n++)
      expect(prompts.filter((prompt) => prompt.includes(`: m${n}.`))).toHaveLength(1);
    // No question is parted from its answer.
    for (const prompt of prompts) expect(prompt).toMatch(/Conversation:\n\nuser/);
    expect(promptOf(model.requests[0] ?? missing())).toContain('"summary":"S2"');
  });

  test("is asked for once more when it is no JSON, and is plain text then", async () => {
    const model = scriptedModel(["Just words.", sheet("Mended"), "Words again.", "And again."]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    await say(skein, 0, 2);
    expect(await skein.summarize("t")).toMatchObject({
      text: "Mended",
      isStructured: true,
      calls: 2,
    });
    expect(promptOf(model.requests[1] ?? missing())).toContain("Just words.");
    const brief = await skein.summarize("t", { style: "brief" });
    expect(brief).toMatchObject({
      text: "Words again.",
      isStructured: false,
      topics: [],
      calls: 2,
    });
  });

  test("is not there any more when a message was redacted, neither in the metadata", async () => {
    const skein = openSkein({ store: await open(), agent: { model: summarizer() } });
    await skein.create({ id: "t" });
    await say(skein, 0, 4);
    await skein.summarize("t");
    await skein.redact("t", "m1");
    expect(await skein.summary("t")).toBeNull();
    expect((await skein.get("t")).metadata).toEqual({});
  });

  test("belongs to a path: a fork has it, an edit before its end makes it stale", async () => {
    const model = summarizer();
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    await say(skein, 0, 4);
    await skein.summarize("t");
    const fork = await skein.fork("t");
    expect(await skein.summary(fork.id)).toMatchObject({
      text: "S1",
      isStale: false,
      threadId: fork.id,
      writtenIn: { threadId: "t" },
    });
    await skein.edit("t", "m2", { content: "other" });
    expect(await skein.summary("t")).toMatchObject({ isStale: true, newMessages: null });
    const again = await skein.summarize("t");
    expect(again).toMatchObject({ text: "S2", covers: { messages: 3 }, isStale: false });
    expect(promptOf(model.requests[1] ?? missing())).not.toContain("S1");
  });

  test("too long for the metadata is in the log alone", async () => {
    const skein = openSkein({ store: await open(), agent: { model: summarizer() } });
    const full = "x".repeat(16_360);
    await skein.create({ id: "t", metadata: { full } });
    await say(skein, 0, 2);
    expect(await skein.summarize("t")).toMatchObject({ text: "S1" });
    expect((await skein.get("t")).metadata).toEqual({ full });
    expect(await skein.summary("t")).toMatchObject({ text: "S1" });
  });
});

test("10,000 messages are summed up a page at a time", async () => {
  const [, open] = STORES[0] ?? missing();
  const store = await open();
  let longest = 0;
  const readPath: typeof store.readPath = async (...asked) => {
    const page = await store.readPath(...asked);
    longest = Math.max(longest, page.length);
    return page;
  };
  const watched = new Proxy(store, {
    get: (target, name) => {
      if (name === "readPath") return readPath;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const model = summarizer();
  const skein = openSkein({ store: watched, agent: { model } });
  await skein.create({ id: "t" });
  await say(skein, 0, 10_000, "word ".repeat(20));
  const made = await skein.summarize("t");
  expect(made).toMatchObject({ covers: { messages: 10_000 }, isStale: false });
  expect(longest).toBeLessThanOrEqual(200);
  const sizes = model.requests.map((request) => promptOf(request).length);
  expect(Math.max(...sizes)).toBeLessThan(70_000);
  expect(made.calls).toBe(model.requests.length);
});

test("nothing is summed up where nothing was said, or in an unknown style", async () => {
  const [, open] = STORES[0] ?? missing();
  const skein = openSkein({ store: await open(), agent: { model: summarizer() } });
  await skein.create({ id: "t", messages: [{ role: "system", content: "Be kind." }] });
  await expect(skein.summarize("t")).rejects.toMatchObject({ code: "invalid_request" });
  await expect(skein.summarize("t", JSON.parse('{"style":"loud"}'))).rejects.toMatchObject({
    code: "invalid_request",
    field: "style",
  });
  const stopped = AbortSignal.abort();
  await skein.append("t", { messages: [{ content: "Hi" }] });
  await expect(skein.summarize("t", {}, { signal: stopped })).rejects.toMatchObject({
    code: "aborted",
  });
});

test("a viewer may read a summary and not make one; a stranger sees no thread", async () => {
  const [, open] = STORES[0] ?? missing();
  const skein = openSkein({ store: await open(), agent: { model: summarizer() } });
  const created = { id: "t", members: { eve: "viewer" as const } };
  await skein.create(created, { userId: "ann" });
  await skein.append("t", { messages: [{ content: "Hi" }] }, { userId: "ann" });
  await expect(skein.summarize("t", {}, { userId: "eve" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await skein.summarize("t", {}, { userId: "ann" });
  expect(await skein.summary("t", {}, { userId: "eve" })).toMatchObject({ isStale: false });
  await expect(skein.summary("t", {}, { userId: "bob" })).rejects.toMatchObject({
    code: "thread_not_found",
  });
  await expect(skein.context("t", {}, { userId: "bob" })).rejects.toMatchObject({
    code: "thread_not_found",
  });
});

function missing(): never {
  throw new Error("It is not there.");
}
