import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { gate, openSkein, STORES } from "./fixture.ts";

const never = new Promise<never>(() => {});

/** Starts a run and waits until its stream has shown `text`. */
async function startUntil(skein: Skein, text: string): Promise<string> {
  const { run } = await skein.append("t", { messages: [{ content: "Go" }], run: {} });
  const id = run?.id ?? "";
  let seen = "";
  for await (const event of skein.runStream("t", id)) {
    if (event.type === "delta") seen += event.text;
    if (seen.includes(text)) break;
  }
  return id;
}

describe.each(STORES)("cancelling on the %s store", (_name, open) => {
  test("stops the model at once and keeps what it wrote", async () => {
    const model = scriptedModel([["Once upon a time", { wait: never }], "Hello again."]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    const id = await startUntil(skein, "time");
    const run = await skein.cancel("t", id, { wait: true });
    expect(run).toMatchObject({ status: "cancelled" });
    expect((await skein.messages("t")).messages[1]).toMatchObject({
      status: "incomplete",
      reason: "cancelled",
      parts: [{ type: "text", text: "Once upon a time" }],
      cost: { unpricedCalls: 1 },
    });
    expect(await skein.steps("t", id)).toMatchObject([{ status: "cancelled" }]);
    expect(model.requests[0]?.signal.aborted).toBe(true);
    expect((await skein.respond({ threadId: "t", input: "Hi" })).text).toBe("Hello again.");
  });

  test("keeps a tool call that was still being written, and closes it", async () => {
    const { opened, open: started } = gate();
    const model = {
      ...scriptedModel([]),
      async *stream() {
        yield { type: "tool-call-start", part: 0, callId: "c1", name: "note" } as const;
        yield { type: "tool-input-delta", part: 0, callId: "c1", text: '{"n": 1' } as const;
        started();
        await never;
      },
    };
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    const { run } = await skein.append("t", { messages: [{ content: "Go" }], run: {} });
    await opened;
    await skein.cancel("t", run?.id ?? "", { wait: true });
    const { messages } = await skein.messages("t");
    expect(messages.map(({ parts }) => parts)).toMatchObject([
      [{ type: "text" }],
      [{ type: "tool-call", callId: "c1", name: "note", inputText: '{"n": 1' }],
      [{ type: "tool-result", callId: "c1", outcome: "cancelled" }],
    ]);
  });

  test("stops waiting for a tool that does not listen, and reports its outcome as unknown", async () => {
    const { opened, open: started } = gate();
    const stuck = tool({
      name: "stuck",
      description: "Never answers.",
      input: {},
      execute: () => {
        started();
        return never;
      },
    });
    const skipped = tool({
      name: "skipped",
      description: "Comes behind.",
      input: {},
      execute: () => {
        throw new Error("must not run");
      },
    });
    const model = scriptedModel([
      [
        { toolCall: { callId: "c1", name: "stuck", input: {} } },
        { toolCall: { callId: "c2", name: "skipped", input: {} } },
      ],
    ]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [stuck, skipped] } });
    await skein.create({ id: "t" });
    const { run } = await skein.append("t", { messages: [{ content: "Go" }], run: {} });
    await opened;
    expect(await skein.cancel("t", run?.id ?? "", { wait: true })).toMatchObject({
      status: "cancelled",
    });
    const { messages } = await skein.messages("t");
    expect(messages.slice(2).map(({ parts }) => parts)).toMatchObject([
      [{ callId: "c1", outcome: "unknown" }],
      [{ callId: "c2", outcome: "cancelled" }],
    ]);
  });

  test("ends a queued run at once, and its question waits for the next", async () => {
    const { opened, open: finish } = gate();
    const model = scriptedModel([["One", { wait: opened }], "Two"]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    const first = await skein.append("t", { messages: [{ content: "A" }], run: {} });
    const second = await skein.append("t", { messages: [{ content: "B" }], run: {} });
    expect(second.messages[0]?.status).toBe("queued");
    expect(await skein.cancel("t", second.run?.id ?? "")).toMatchObject({ status: "cancelled" });
    finish();
    await skein.waitForRun("t", first.run?.id ?? "");
    expect((await skein.respond({ threadId: "t", input: "C" })).text).toBe("Two");
  });

  test("an ended run changes nothing", async () => {
    const skein = openSkein({ store: await open(), agent: { model: scriptedModel(["Hi."]) } });
    const { run } = await skein.respond({ threadId: "t", input: "Hi" });
    const { version } = await skein.get("t");
    expect(await skein.cancel("t", run?.id ?? "", { wait: true })).toMatchObject({
      status: "completed",
    });
    expect((await skein.get("t")).version).toBe(version);
  });

  test("happens before a thread is deleted, also for what waits", async () => {
    const model = scriptedModel([["Once", { wait: never }]]);
    const skein = openSkein({ store: await open(), agent: { model } });
    await skein.create({ id: "t" });
    const id = await startUntil(skein, "Once");
    const { run } = await skein.append("t", { messages: [{ content: "B" }], run: {} });
    await skein.delete("t");
    await expect(skein.get("t")).rejects.toMatchObject({ code: "thread_deleted" });
    await skein.undelete("t");
    expect(await skein.run("t", id)).toMatchObject({ status: "cancelled" });
    expect(await skein.run("t", run?.id ?? "")).toMatchObject({ status: "cancelled" });
    expect(model.requests).toHaveLength(1);
  });
});
