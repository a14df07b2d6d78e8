import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Agent, Tool } from "../../src/agents/agent.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { agentTool } from "../../src/agents/sub-agent/agent-tool.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES, untilAsked } from "./fixture.ts";

const SECRET = "xyzzysecret";

const call = (name: string, input: Readonly<Record<string, string>>) => ({
  toolCall: { callId: "c1", name, input },
});

const pay: Tool = tool({
  name: "pay",
  description: "Pays.",
  input: { type: "object", properties: { to: { type: "string" } } },
  approval: "always",
  execute: () => "paid",
});

const book: Tool = tool({
  name: "book",
  description: "Books.",
  input: { type: "object", properties: { for: { type: "string" } } },
  execute: (input, { answer, suspend }) => {
    if (answer === undefined) suspend({ kind: "input", prompt: SECRET, data: { asked: input } });
    return "booked";
  },
});

async function ask(skein: Skein): Promise<string> {
  const { run } = await skein.create({ id: "t", messages: [{ content: "Go" }], run: {} });
  return run?.id ?? "";
}

async function redactCall(skein: Skein): Promise<void> {
  const { messages } = await skein.messages("t");
  const withCall = messages.find(({ parts }) => parts.some(({ type }) => type === "tool-call"));
  await skein.redact("t", withCall?.id ?? "");
}

async function toldBy(skein: Skein, runId: string): Promise<string> {
  return JSON.stringify([
    await skein.run("t", runId),
    await skein.steps("t", runId),
    await skein.inbox(),
    await skein.log("t", { limit: 1_000 }),
  ]);
}

describe.each(STORES)("the message with a call is redacted, on the %s store", (_name, open) => {
  test("and so are the arguments that a person was asked about and has chosen", async () => {
    const model = scriptedModel([[call("pay", { to: SECRET })], "Done."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [pay] } });
    const id = await ask(skein);
    await untilAsked(skein, id);
    const input = { to: `not ${SECRET}` };
    await skein.decide("t", id, [{ actionId: "c1", decision: "approve", input }]);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(await toldBy(skein, id)).toContain(SECRET);
    await redactCall(skein);
    expect(await toldBy(skein, id)).not.toContain(SECRET);
    expect((await skein.check()).problems).toEqual([]);
  });

  test("and so is what a person is asked while the run waits, which can be cancelled", async () => {
    const model = scriptedModel([[call("pay", { to: SECRET })], "Done."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [pay] } });
    const id = await ask(skein);
    await untilAsked(skein, id);
    await redactCall(skein);
    expect(await toldBy(skein, id)).not.toContain(SECRET);
    await skein.cancelRun("t", id);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "cancelled" });
    expect(await toldBy(skein, id)).not.toContain(SECRET);
  });

  test("and so is what a tool asked and was told that suspended itself", async () => {
    const model = scriptedModel([[call("book", { for: SECRET })], "Done."]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [book] } });
    const id = await ask(skein);
    await untilAsked(skein, id);
    await skein.decide("t", id, [{ actionId: "c1", decision: "output", output: SECRET }]);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    await redactCall(skein);
    expect(await toldBy(skein, id)).not.toContain(SECRET);
    expect((await skein.check()).problems).toEqual([]);
  });

  test("and so is the task that another agent was given, in the log of whoever called it", async () => {
    const helper: Agent = { name: "helper", model: scriptedModel(["Done."]) };
    const skein = openSkein({
      store: await open(),
      agent: {
        model: scriptedModel([[call("helper", { task: SECRET })], "Done."]),
        tools: [agentTool({ agent: "helper", description: "Does a task." })],
      },
      others: [helper],
    });
    const id = await ask(skein);
    const run = await skein.waitForRun("t", id);
    expect(run.actions).toMatchObject([{ kind: "run", data: { run_id: expect.any(String) } }]);
    expect(JSON.stringify(run)).not.toContain(SECRET);
    await redactCall(skein);
    expect(await toldBy(skein, id)).not.toContain(SECRET);
    expect((await skein.check()).problems).toEqual([]);
  });
});
