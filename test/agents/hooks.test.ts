import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Hooks } from "../../src/agents/hooks.ts";
import type { Json } from "../../src/model/json.ts";
import type { Message } from "../../src/model/message.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES, untilAsked } from "./fixture.ts";

const call = (callId: string, input: Json = {}) => ({
  toolCall: { callId, name: "pay", input },
});

function paying(used: Json[]) {
  return tool({
    name: "pay",
    description: "Pays.",
    input: {},
    execute: (input) => {
      used.push(input);
      return "paid";
    },
  });
}

function outcomes(messages: readonly Message[]): readonly unknown[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.type === "tool-result" ? [[part.callId, part.outcome, part.output]] : [],
    ),
  );
}

describe.each(STORES)("hooks, on the %s store", (_name, open) => {
  test("are called around a run and before each tool, those of the process first", async () => {
    const heard: string[] = [];
    const noting = (name: string): Hooks => ({
      beforeRun: ({ threadId, agentName }) => {
        heard.push(`${name} before ${threadId} ${agentName}`);
      },
      beforeTool: ({ callId }) => {
        heard.push(`${name} tool ${callId}`);
      },
      afterRun: ({ status }, { userId }) => {
        heard.push(`${name} after ${status} ${userId}`);
      },
    });
    const model = scriptedModel([[call("c1"), call("c2")], "Done."]);
    const skein = openSkein({
      store: await open(),
      hooks: noting("process"),
      agent: { model, tools: [paying([])], hooks: noting("agent") },
    });
    await skein.respond({ threadId: "t", userId: "alice", input: "Go" });
    await skein.drain();
    expect(heard.filter((line) => !line.includes("tool"))).toEqual([
      "process before t assistant",
      "agent before t assistant",
      "process after completed alice",
      "agent after completed alice",
    ]);
    for (const id of ["c1", "c2"]) {
      const own = heard.filter((line) => line.endsWith(id));
      expect(own).toEqual([`process tool ${id}`, `agent tool ${id}`]);
    }
  });

  test("are called once around an agent that is a function", async () => {
    const heard: string[] = [];
    const skein = openSkein({
      store: await open(),
      hooks: {
        beforeRun: () => {
          heard.push("before");
        },
        afterRun: ({ status }) => {
          heard.push(status);
        },
      },
      agent: {
        handler: async ({ step }) => {
          heard.push("handler");
          return step("greet", () => "Hello.");
        },
      },
    });
    expect(await skein.respond({ input: "Go" })).toMatchObject({ text: "Hello." });
    await skein.drain();
    expect(heard[0]).toBe("before");
    expect(heard.filter((each) => each !== "handler")).toEqual(["before", "completed"]);
  });

  test("decide on calls: refuse them, have a person asked, or let them pass", async () => {
    const used: Json[] = [];
    const hooks: Hooks = {
      beforeTool: ({ callId }) => {
        if (callId === "c1") return { type: "deny", reason: "Not today." };
        if (callId === "c2") return { type: "ask", prompt: "Really?" };
        return { type: "allow" };
      },
    };
    const model = scriptedModel([
      [call("c1"), call("c2", { n: 2 }), call("c3", { n: 3 })],
      "Done.",
    ]);
    const skein = openSkein({
      store: await open(),
      hooks,
      agent: { model, tools: [paying(used)], approvals: "always" },
    });
    const { run } = await skein.create({ id: "t", messages: [{ content: "Go" }], run: {} });
    const id = run?.id ?? "";
    expect(await untilAsked(skein, id)).toMatchObject({
      actions: [{ id: "c2", kind: "approval", prompt: "Really?" }],
    });
    expect(used).toEqual([{ n: 3 }]);
    await skein.decide("t", id, [{ actionId: "c2", decision: "approve" }]);
    await skein.waitForRun("t", id);
    expect(outcomes((await skein.messages("t")).messages)).toMatchObject([
      ["c1", "denied", { text: "Not today." }],
      ["c3", "ok", { text: "paid" }],
      ["c2", "ok", { text: "paid" }],
    ]);
    expect((await skein.steps("t", id)).map(({ key, status }) => [key, status])).toEqual([
      ["model:1", "completed"],
      ["tool:c1", "failed"],
      ["tool:c3", "completed"],
      ["tool:c2", "completed"],
      ["model:2", "completed"],
    ]);
  });

  test("that throw before a run fail it, before a call only the call, after a run nothing", async () => {
    const store = await open();
    const used: Json[] = [];
    const errors: unknown[] = [];
    const broken = (): never => {
      throw new Error("The hook is broken.");
    };
    const failing = openSkein({
      store,
      hooks: { beforeRun: broken },
      agent: { model: scriptedModel([]) },
    });
    await expect(failing.respond({ input: "Go" })).rejects.toMatchObject({
      code: "hook_failed",
      message: "beforeRun failed: The hook is broken.",
    });
    await failing.drain();
    const skein = openSkein({
      store,
      hooks: { beforeTool: broken, afterRun: broken },
      onError: (error) => errors.push(error),
      agent: { model: scriptedModel([[call("c1")], "Done."]), tools: [paying(used)] },
    });
    const { messages, run } = await skein.respond({ input: "Go" });
    await skein.drain();
    expect(run).toMatchObject({ status: "completed" });
    expect(outcomes(messages)).toMatchObject([["c1", "error", { type: "error" }]]);
    expect(JSON.stringify(messages)).toContain("The hook is broken.");
    expect(used).toEqual([]);
    expect(errors).toMatchObject([{ message: "The hook is broken." }]);
  });
});
