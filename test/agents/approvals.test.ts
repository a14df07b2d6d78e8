import { describe, expect, test } from "vitest";
import { agent, tool } from "../../src/agents/agent.ts";
import type { Agent, Tool } from "../../src/agents/agent.ts";
import type { Skein } from "../../src/agents/skein.ts";
import type { Json } from "../../src/model/json.ts";
import type { Message } from "../../src/model/message.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { collect, gate, openSkein, STORES, untilAsked } from "./fixture.ts";

const call = (callId: string, name: string, input: Json = {}) => ({
  toolCall: { callId, name, input },
});

/** A tool that notes what it was given. */
function noting(name: string, used: Json[], more: Partial<Tool> = {}): Tool {
  return tool({
    name,
    description: "Notes.",
    input: { type: "object", properties: { n: { type: "number" } } },
    approval: "always",
    execute: (input) => {
      used.push(input);
      return `${name} done`;
    },
    ...more,
  });
}

async function ask(skein: Skein): Promise<string> {
  const { run } = await skein.create({ id: "t", messages: [{ content: "Go" }], run: {} });
  return run?.id ?? "";
}

function results(messages: readonly Message[]): readonly unknown[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.type === "tool-result" ? [[part.callId, part.outcome, part.output]] : [],
    ),
  );
}

const outcomes = (messages: readonly Message[]): readonly unknown[] =>
  messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "tool-result" ? [[part.callId, part.outcome]] : [])),
  );

const said = (text: string) => ({ type: "text", text });

describe.each(STORES)("a call that a person has to allow, on the %s store", (_name, open) => {
  test("is carried out once it is approved, by whatever process is there then", async () => {
    const store = await open();
    const used: Json[] = [];
    const tools = [noting("pay", used)];
    const first = openSkein({
      store,
      agent: { model: scriptedModel([[call("c1", "pay", { n: 1 })]]), tools },
    });
    const id = await ask(first);
    const run = await untilAsked(first, id);
    expect(run).toMatchObject({
      status: "requires_action",
      actions: [
        {
          id: "c1",
          kind: "approval",
          status: "waiting",
          callId: "c1",
          name: "pay",
          data: { arguments: { n: 1 } },
        },
      ],
    });
    expect(await first.get("t")).toMatchObject({ status: "requires_action" });
    expect((await first.inbox()).items).toMatchObject([{ runId: id, action: { id: "c1" } }]);
    await first.drain(0);
    const second = openSkein({ store, agent: { model: scriptedModel(["Paid."]), tools } });
    expect(used).toEqual([]);
    await second.decide("t", id, [{ actionId: "c1", decision: "approve" }]);
    expect(await second.waitForRun("t", id)).toMatchObject({
      status: "completed",
      segment: 1,
      fence: 2,
      actions: [{ id: "c1", status: "done", decision: { type: "approve" } }],
    });
    expect(used).toEqual([{ n: 1 }]);
    const { messages } = await second.messages("t");
    expect(results(messages)).toEqual([["c1", "ok", said("pay done")]]);
    const steps = await second.steps("t", id);
    expect(steps.map(({ key, segment = 0, status }) => [key, segment, status])).toEqual([
      ["model:1", 0, "completed"],
      ["tool:c1", 1, "completed"],
      ["model:2", 1, "completed"],
    ]);
    expect(steps[1]).toMatchObject({
      worker: store.instance,
      input: { messageId: messages[1]?.id, callId: "c1" },
    });
    expect((await second.check()).problems).toEqual([]);
  });

  test("is carried out with the arguments that the person chose; the message keeps the model's", async () => {
    const used: Json[] = [];
    const model = scriptedModel([[call("c1", "pay", { n: 100 })], "Paid."]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [noting("pay", used)] },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    await skein.decide("t", id, [{ actionId: "c1", decision: "approve", input: { n: 5 } }]);
    const run = await skein.waitForRun("t", id);
    expect(used).toEqual([{ n: 5 }]);
    expect((await skein.messages("t")).messages[1]?.parts).toMatchObject([{ input: { n: 100 } }]);
    const told = (await skein.log("t")).find(({ op }) => op === "approval.decide");
    expect(told?.data).toMatchObject({ decision: { input: { n: 5 } } });
    expect(run.actions?.map(({ decision }) => decision)).toEqual([{ type: "approve" }]);
  });

  test("is not carried out when it is denied, and the model is told", async () => {
    const used: Json[] = [];
    const model = scriptedModel([[call("c1", "pay")], "Then not."]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [noting("pay", used)] },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    await skein.decide("t", id, [{ actionId: "c1", decision: "deny", reason: "Too much." }]);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(used).toEqual([]);
    expect(model.requests[1]?.messages.at(-1)?.parts).toMatchObject([
      { callId: "c1", outcome: "denied", output: said("Too much.") },
    ]);
    // A reader gets the answer, too, in its place.
    const events = await collect(skein.runStream("t", id));
    const roles = events.flatMap((event) => (event.type === "message" ? event.message.role : []));
    expect(roles).toEqual(["assistant", "tool", "assistant"]);
  });

  test("keeps what its siblings came to, and may be decided while they still work", async () => {
    const used: Json[] = [];
    const { opened, open: release } = gate();
    const slow = tool({
      name: "slow",
      description: "Waits.",
      input: {},
      execute: async () => {
        await opened;
        return "slow done";
      },
    });
    const model = scriptedModel([[call("c1", "pay"), call("c2", "slow")], "Both."]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [noting("pay", used), slow] },
    });
    const id = await ask(skein);
    for await (const event of skein.runStream("t", id))
      if (event.type === "run" && event.run.actions?.length === 1) break;
    expect(await skein.run("t", id)).toMatchObject({ status: "running" });
    await skein.decide("t", id, [{ actionId: "c1", decision: "approve" }]);
    release();
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed", fence: 1 });
    expect(results((await skein.messages("t")).messages)).toEqual([
      ["c2", "ok", said("slow done")],
      ["c1", "ok", said("pay done")],
    ]);
  });

  test("goes on with what is decided and waits for the rest", async () => {
    const used: Json[] = [];
    const calls = [1, 2, 3].map((n) => call(`c${n}`, "pay", { n }));
    const model = scriptedModel([calls, "All."]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [noting("pay", used)] },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    await skein.decide("t", id, [{ actionId: "c2", decision: "approve" }]);
    for await (const event of skein.runStream("t", id))
      if (event.type === "message" && event.message.role === "tool") break;
    const waiting = await untilAsked(skein, id);
    expect(waiting.actions?.map(({ status }) => status)).toEqual(["waiting", "done", "waiting"]);
    expect(used).toEqual([{ n: 2 }]);
    await skein.decide("t", id, [
      { actionId: "c1", decision: "deny" },
      { actionId: "c3", decision: "approve" },
    ]);
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(used).toEqual([{ n: 2 }, { n: 3 }]);
    expect(model.requests).toHaveLength(2);
  });

  test("is approved once, however often", async () => {
    const used: Json[] = [];
    const model = scriptedModel([[call("c1", "pay")], "Paid."]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [noting("pay", used)] },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    const approve = () => skein.decide("t", id, [{ actionId: "c1", decision: "approve" }]);
    await Promise.all([approve(), approve()]);
    const run = await skein.waitForRun("t", id);
    expect(await approve()).toEqual(run);
    await expect(skein.decide("t", id, [{ actionId: "c1", decision: "deny" }])).rejects.toThrow(
      "has ended",
    );
    expect(used).toHaveLength(1);
  });

  test("is closed when the run is cancelled while it waits", async () => {
    const used: Json[] = [];
    const skein = openSkein({
      store: await open(),
      agent: { model: scriptedModel([[call("c1", "pay")]]), tools: [noting("pay", used)] },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    expect(await skein.cancel("t", id, { wait: true })).toMatchObject({ status: "cancelled" });
    expect((await skein.inbox()).items).toEqual([]);
    expect(outcomes((await skein.messages("t")).messages)).toEqual([["c1", "cancelled"]]);
    expect(used).toEqual([]);
  });

  test("ends the waiting of who asked; the stream goes on once it is decided", async () => {
    const used: Json[] = [];
    const model = scriptedModel([["One moment. ", call("c1", "pay")], "Paid."]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [noting("pay", used)] },
    });
    const response = await skein.respond({ threadId: "t", input: "Go" });
    expect(response).toMatchObject({ text: "One moment. ", run: { status: "requires_action" } });
    const id = response.run?.id ?? "";
    const statuses: string[] = [];
    for await (const event of skein.runStream("t", id)) {
      if (event.type !== "run" && event.type !== "end") continue;
      statuses.push(event.run.status);
      if (event.run.status === "requires_action")
        await skein.decide("t", id, [{ actionId: "c1", decision: "approve" }]);
    }
    expect(statuses[0]).toBe("requires_action");
    expect(statuses.at(-1)).toBe("completed");
  });

  test("is looked at once by its predicate, also when the run is interrupted before it is carried out", async () => {
    const store = await open();
    const asked: Json[] = [];
    const used: Json[] = [];
    const { opened, open: started } = gate();
    const block = noting("block", [], { effect: "idempotent", approval: "never" });
    const hanging = tool({
      ...block,
      execute: () => {
        started();
        return new Promise<never>(() => {});
      },
    });
    const pay = noting("pay", used, { approval: (input) => asked.push(input) > 1 });
    const calls = [call("c1", "block"), call("c2", "pay", { n: 2 }), call("c3", "pay", { n: 3 })];
    const first = openSkein({
      store,
      agent: { model: scriptedModel([calls]), tools: [hanging, pay] },
    });
    const id = await ask(first);
    await opened;
    await first.drain(0);
    expect(used).toEqual([]);
    const second = openSkein({
      store,
      agent: { model: scriptedModel(["Done."]), tools: [block, pay] },
    });
    await untilAsked(second, id);
    expect(used).toEqual([{ n: 2 }]);
    await second.decide("t", id, [{ actionId: "c3", decision: "approve" }]);
    await second.waitForRun("t", id);
    expect(asked).toEqual([{ n: 2 }, { n: 3 }]);
    expect(used).toEqual([{ n: 2 }, { n: 3 }]);
  });
});

test("an agent's word counts for all of its tools or for some", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const cases: readonly (readonly [Agent["approvals"], readonly string[]])[] = [
    ["always", ["c1", "c2", "c3"]],
    ["never", []],
    [["free"], ["c1", "c2"]],
    [undefined, ["c2"]],
  ];
  for (const [approvals, expected] of cases) {
    const free = noting("free", [], { approval: "never" });
    const asking = noting("asking", []);
    const other = noting("other", [], { approval: () => false });
    const model = scriptedModel([
      [call("c1", "free"), call("c2", "asking"), call("c3", "other")],
      "Done.",
    ]);
    const skein = openSkein({
      store: await open(),
      agent: { model, tools: [free, asking, other], ...(approvals && { approvals }) },
    });
    const run = await untilAsked(skein, await ask(skein));
    expect((run.actions ?? []).map(({ id }) => id)).toEqual(expected);
  }
});

test("nobody is asked about a call that cannot work", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const model = scriptedModel([[call("c1", "pay", { n: "much" }), call("c2", "none")], "Sorry."]);
  const skein = openSkein({ store: await open(), agent: { model, tools: [noting("pay", [])] } });
  const { messages } = await skein.respond({ threadId: "t", input: "Go" });
  expect(outcomes(messages)).toEqual([
    ["c1", "error"],
    ["c2", "error"],
  ]);
});

test("arguments that are too long for an action are cut there and whole in the message", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const long = "ä".repeat(30_000);
  const model = scriptedModel([[call("c1", "pay", { long })]]);
  const skein = openSkein({ store: await open(), agent: { model, tools: [noting("pay", [])] } });
  const id = await ask(skein);
  const run = await untilAsked(skein, id);
  expect(run.actions?.[0]?.data).toMatchObject({ is_cut: true });
  expect((await skein.messages("t")).messages[1]?.parts).toMatchObject([{ input: { long } }]);
});

test("what nobody can be asked about is not carried out", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const used: Json[] = [];
  const model = scriptedModel([[call("c1", "pay")], "Not here."]);
  const skein = openSkein({ store: await open(), agent: { model, tools: [noting("pay", used)] } });
  const { messages, text } = await skein.respond({ thread: false, input: "Go" });
  expect(outcomes(messages)).toEqual([["c1", "denied"]]);
  expect([text, used]).toEqual(["Not here.", []]);
});

test("an agent cannot ask for the approval of a tool that it does not have", () => {
  expect(() => agent({ name: "a", approvals: ["pay"] })).toThrow("unknown tool pay");
});
