import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { tool } from "../../src/agents/agent.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { startStubModel } from "../../src/testing/stub-model/start-stub-model.ts";
import type { StubModel } from "../../src/testing/stub-model/start-stub-model.ts";
import { openSkein, STORES } from "./fixture.ts";

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
afterAll(() => stub.close());

const weather = tool({
  name: "weather",
  description: "Tells the weather.",
  input: z.object({ city: z.string(), days: z.number().default(1) }),
  effect: "idempotent",
  execute: (input) => ({ asked: input, sky: "blue" }),
});

async function openHere(open: (typeof STORES)[number][1]): Promise<Skein> {
  const env = { SKEIN_MODEL: "compatible/stub", SKEIN_MODEL_URL: stub.url };
  return openSkein({ store: await open(), env, agent: { tools: [weather] } });
}

// A model over HTTP, through the AI SDK, as users have it.
test.each(STORES)(
  "a turn over HTTP calls tools and keeps usage on the %s store",
  async (_name, open) => {
    const skein = await openHere(open);
    const input = 'call weather {"city": "Oslo"}';
    const { text, run, messages } = await skein.respond({ threadId: "t", input });
    expect(text).toBe('The tool weather answered: {"asked":{"city":"Oslo","days":1},"sky":"blue"}');
    expect(messages.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant"]);
    expect(run?.usage.inputTokens).toBeGreaterThan(0);
    expect(messages[0]?.parts).toMatchObject([
      { type: "tool-call", name: "weather", inputText: '{"city": "Oslo"}' },
    ]);
    expect(stub.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
    ]);
  },
);

test.each(STORES)(
  "failures over HTTP are retried or told, on the %s store",
  async (_name, open) => {
    const skein = await openHere(open);
    expect((await skein.respond({ input: "fail-once 503" })).text).toBe("recovered");
    await expect(skein.respond({ input: "fail 400" })).rejects.toMatchObject({
      code: "model_error",
    });
    await expect(skein.respond({ threadId: "b", input: "fail-midstream" })).rejects.toMatchObject({
      code: "model_error",
    });
    const { messages } = await skein.messages("b");
    expect(messages[1]).toMatchObject({ status: "incomplete", reason: "error" });
    const { run } = await skein.respond({ input: "length" });
    expect(run).toMatchObject({ status: "incomplete", error: { code: "max_tokens" } });
  },
);

test("cancelling closes the connection to the provider", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const skein = await openHere(open);
  const { thread, run } = await skein.create({ messages: [{ content: "slow 1000 5" }], run: {} });
  const id = run?.id ?? "";
  for await (const event of skein.runStream(thread.id, id)) if (event.type === "delta") break;
  await skein.cancel(thread.id, id, { wait: true });
  expect(await stub.requests.at(-1)?.ended).toBe("aborted");
});
