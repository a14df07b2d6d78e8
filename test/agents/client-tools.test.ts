import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Message } from "../../src/model/message.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { collect, openSkein, STORES, untilAsked } from "./fixture.ts";

const locate = tool({
  name: "locate",
  description: "Says where the caller is.",
  input: { type: "object", properties: { exact: { type: "boolean" } } },
  executor: "client",
});

const call = (callId: string, input = {}) => ({ toolCall: { callId, name: "locate", input } });

function outcomes(messages: readonly Message[]): readonly unknown[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.type === "tool-result" ? [[part.callId, part.outcome, part.output]] : [],
    ),
  );
}

describe.each(STORES)("a tool that the caller carries out, on the %s store", (_name, open) => {
  test("is asked of the caller, whose output goes to the model", async () => {
    const store = await open();
    const model = scriptedModel([[call("c1"), call("c2", { exact: true })], "In Rome."]);
    const skein = openSkein({ store, agent: { model, tools: [locate] } });
    const { run } = await skein.respond({ threadId: "t", input: "Where am I?" });
    const id = run?.id ?? "";
    expect(run).toMatchObject({
      status: "requires_action",
      actions: [
        { id: "c1", kind: "tool_output", name: "locate", data: { arguments: {} } },
        { id: "c2", kind: "tool_output", data: { arguments: { exact: true } } },
      ],
    });
    const { messages: before } = await skein.messages("t");
    expect(before[1]?.parts).toMatchObject([{ executor: "client" }, { executor: "client" }]);
    await skein.decide("t", id, [{ actionId: "c2", decision: "output", output: { city: "Rome" } }]);
    // The run waits for the rest: there is nothing for it to do.
    expect(await skein.run("t", id)).toMatchObject({ status: "requires_action", fence: 1 });
    await skein.decide("t", id, [
      { actionId: "c1", decision: "output", output: "No signal.", isError: true },
    ]);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed", fence: 2 });
    expect(outcomes((await skein.messages("t")).messages)).toEqual([
      ["c2", "ok", { type: "json", value: { city: "Rome" } }],
      ["c1", "error", { type: "error", text: "No signal." }],
    ]);
    expect(model.requests[1]?.messages).toHaveLength(4);
    // Readers of the run get what the caller brought, wherever they begin.
    const whole = await collect(skein.runStream("t", id));
    const written = whole.flatMap((event) => (event.type === "message" ? [event] : []));
    expect(written.map(({ message }) => message.role)).toEqual([
      "assistant",
      "tool",
      "tool",
      "assistant",
    ]);
    for (const [index, { position }] of written.entries()) {
      const rest = await collect(skein.runStream("t", id, { position }));
      const ids = rest.flatMap((event) => (event.type === "message" ? event.message.id : []));
      expect(ids).toEqual(written.slice(index + 1).map(({ message }) => message.id));
    }
  });

  test("is not asked of the caller with arguments that are wrong", async () => {
    const model = scriptedModel([[call("c1", { exact: "very" })], "Sorry."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [locate] } });
    const { run, messages } = await skein.respond({ threadId: "t", input: "Where am I?" });
    expect(run).toMatchObject({ status: "completed" });
    expect(outcomes(messages)).toMatchObject([["c1", "error", { type: "error" }]]);
  });

  test("may be refused, and the outputs of other calls are", async () => {
    const model = scriptedModel([[call("c1")], "I see."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [locate] } });
    const { run } = await skein.create({ id: "t", messages: [{ content: "Go" }], run: {} });
    const id = run?.id ?? "";
    await untilAsked(skein, id);
    const before = (await skein.get("t")).version;
    for (const wrong of [
      [{ actionId: "c2", decision: "output", output: "x" }],
      [{ actionId: "c1", decision: "approve" }],
    ] as const)
      await expect(skein.decide("t", id, wrong)).rejects.toThrow(/c[12]/);
    expect((await skein.get("t")).version).toBe(before);
    await skein.decide("t", id, [{ actionId: "c1", decision: "deny" }]);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(outcomes((await skein.messages("t")).messages)).toMatchObject([
      ["c1", "denied", { type: "text" }],
    ]);
  });
});

test("a tool says who carries it out, and only that one can", () => {
  const definition = { name: "x", description: "X.", input: {} };
  expect(() => tool(definition)).toThrow("execute");
  expect(() => tool({ ...definition, executor: "client", execute: () => 1 })).toThrow("execute");
  expect(tool({ ...definition, executor: "client" })).toMatchObject({ executor: "client" });
});
