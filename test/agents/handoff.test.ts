import { describe, expect, test } from "vitest";
import { agent, tool } from "../../src/agents/agent.ts";
import type { Agent } from "../../src/agents/agent.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES } from "./fixture.ts";

const transfer = (callId: string, to: string) => ({
  toolCall: { callId, name: `transfer_to_${to}`, input: {} },
});

function openAgents(store: Store, [agent, ...others]: readonly Agent[]): Skein {
  return openSkein({ store, others, ...(agent && { agent }) });
}

describe.each(STORES)("a run that is handed over, on the %s store", (_name, open) => {
  test("goes on with the other agent's instructions, tools and model, under its name", async () => {
    const front = scriptedModel([["One moment. ", transfer("c1", "billing")]], { id: "front" });
    const back = scriptedModel(["You paid twice."], { id: "back" });
    const refund = tool({ name: "refund", description: "Pays back.", input: {}, execute: () => 1 });
    const skein = openAgents(await open(), [
      { name: "desk", model: front, instructions: "Greet.", handoffs: ["billing"] },
      { name: "billing", model: back, instructions: "Bill.", tools: [refund] },
    ]);
    const response = await skein.respond({
      threadId: "t",
      agentId: "desk",
      instructions: "Greet in verse.",
      input: "My bill?",
    });
    expect(response).toMatchObject({
      text: "You paid twice.",
      run: { status: "completed", agentId: "billing" },
    });
    expect(front.requests).toHaveLength(1);
    expect(front.requests[0]?.system).toBe("Greet in verse.");
    expect(front.requests[0]?.tools.map(({ name }) => name)).toEqual(["transfer_to_billing"]);
    expect(back.requests[0]?.system).toBe("Bill.");
    expect(back.requests[0]?.tools.map(({ name }) => name)).toEqual(["refund"]);
    expect(response.messages).toMatchObject([
      { role: "assistant", author: { id: "desk" }, model: "front" },
      {
        role: "tool",
        parts: [
          { type: "tool-result", outcome: "ok", output: { text: "Handed over to billing." } },
          { type: "marker", kind: "handoff", payload: { from: "desk", to: "billing" } },
        ],
      },
      { role: "assistant", author: { id: "billing" }, model: "back" },
    ]);
    const steps = await skein.steps("t", response.run?.id ?? "");
    expect(steps.map(({ agentId }) => agentId)).toEqual(["desk", "desk", "billing"]);
  });

  test("may come back; the limit of model calls counts for the whole run", async () => {
    const pass = (to: string) =>
      scriptedModel((_request, index) => [transfer(`to_${to}_${index}`, to)]);
    const skein = openAgents(await open(), [
      { name: "a", model: pass("b"), handoffs: ["b"], maxSteps: 5 },
      { name: "b", model: pass("a"), handoffs: ["a"], maxSteps: 1 },
    ]);
    const { run } = await skein.respond({ agentId: "a", input: "Go" });
    expect(run).toMatchObject({ status: "incomplete", error: { code: "limit_exceeded" } });
    const steps = await skein.steps(run?.threadId ?? "", run?.id ?? "");
    const models = steps.filter(({ kind }) => kind === "model");
    expect(models.map(({ agentId }) => agentId)).toEqual(["a", "b", "a", "b", "a"]);
  });

  test("goes to one agent, after the calls that stand before it in the same message", async () => {
    const note = tool({ name: "note", description: "Notes.", input: {}, execute: () => "noted" });
    const model = scriptedModel([
      [
        transfer("c1", "b"),
        transfer("c2", "c"),
        { toolCall: { callId: "c3", name: "note", input: {} } },
      ],
    ]);
    const skein = openAgents(await open(), [
      { name: "a", model, handoffs: ["b", "c"], tools: [note] },
      { name: "b", model: scriptedModel(["I am b."]) },
      { name: "c", model: scriptedModel([]) },
    ]);
    const { text, messages } = await skein.respond({ agentId: "a", input: "Go" });
    expect(text).toBe("I am b.");
    const results = messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === "tool-result" ? [part] : [])),
    );
    expect(results).toMatchObject([
      { callId: "c1", outcome: "ok" },
      { callId: "c2", outcome: "error" },
      { callId: "c3", outcome: "ok", output: { text: "noted" } },
    ]);
  });
});

test("an agent hands over only to agents that are there, and not to itself", () => {
  const store = memoryStore();
  expect(() => agent({ name: "a", handoffs: ["a"] })).toThrow("itself");
  const a = { name: "a", handoffs: ["b"] };
  expect(() => createSkein({ store, agents: [a] })).toThrow("Agent a hands over to b");
  const b = { name: "b", handler: () => "Hello." };
  expect(() => createSkein({ store, agents: [a, b] })).toThrow("which is a function");
});
