import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { AgentHandler } from "../../src/agents/flow/handler.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { textOf } from "../../src/model/part.ts";
import type { Run } from "../../src/model/run.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES, untilAsked } from "./fixture.ts";

async function saidIn(skein: Skein, threadId: string): Promise<readonly string[]> {
  const { messages } = await skein.messages(threadId);
  return messages.map(({ role, author, parts }) => `${author?.id ?? role}: ${textOf(parts)}`);
}

async function begin(skein: Skein, input: string = "Go."): Promise<Run> {
  const { run } = await skein.create({ id: "t", messages: [{ content: input }], run: {} });
  if (run === undefined) throw new Error("No run was made.");
  return run;
}

async function waits(skein: Skein, run: Run): Promise<Run> {
  for (;;) {
    const now = await skein.run(run.threadId, run.id);
    if (now.status === "requires_action") return now;
    if (now.endedAt !== undefined)
      throw new Error(`The run is ${now.status}: ${now.error?.message}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(STORES)("an agent that is a function, on %s", (_name, openStore) => {
  test("answers with what it returns, under its own name", async () => {
    const handler: AgentHandler = async ({ messages }) =>
      `You said: ${textOf((await messages()).at(-1)?.parts ?? [])}`;
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const response = await skein.respond({ threadId: "t", input: "Hello" });
    expect(response.text).toBe("You said: Hello");
    expect(response.messages).toHaveLength(1);
    expect(await saidIn(skein, "t")).toEqual(["local: Hello", "assistant: You said: Hello"]);
  });

  test("remembers what its steps came to, and does them once", async () => {
    const done: string[] = [];
    const handler: AgentHandler = async ({ step, waitForEvent }) => {
      const first = await step("first", () => {
        done.push("first");
        return { n: 1 };
      });
      const event = await waitForEvent("more", "go");
      const second = await step("second", () => {
        done.push("second");
        return first.n + 1;
      });
      return `${first.n} ${second} ${JSON.stringify(event)}`;
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    expect((await waits(skein, run)).actions).toMatchObject([{ kind: "event", name: "go" }]);
    await skein.sendEvent("t", run.id, { name: "go", payload: { yes: true } });
    const ended = await skein.waitForRun("t", run.id);
    expect(ended.status).toBe("completed");
    expect(ended.signals).toEqual([]);
    expect(done).toEqual(["first", "second"]);
    expect((await saidIn(skein, "t")).at(-1)).toBe(
      'assistant: 1 2 {"name":"go","payload":{"yes":true}}',
    );
  });

  test("takes an event that came before it waited, once, whoever repeats it", async () => {
    const { promise: isSent, resolve: sent } = Promise.withResolvers<void>();
    const handler: AgentHandler = async ({ step, waitForEvent }) => {
      await step("slow", () => isSent);
      const first = await waitForEvent("one", "tick");
      const second = await waitForEvent("two", "tick", { timeoutMs: 20 });
      return `${JSON.stringify(first?.payload)} ${JSON.stringify(second ?? null)}`;
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    const event = { name: "tick", payload: 7, dedupKey: "k" };
    await skein.sendEvent("t", run.id, event);
    await skein.sendEvent("t", run.id, event);
    sent();
    await skein.waitForRun("t", run.id, { timeoutMs: 10_000 });
    expect((await saidIn(skein, "t")).at(-1)).toBe("assistant: 7 null");
  });

  test("waits for several things at once without a worker", async () => {
    const handler: AgentHandler = async ({ waitForEvent, ask, sleep }) => {
      const [a, answer] = await Promise.all([
        waitForEvent("a", "a"),
        ask("b", { prompt: "How many?" }),
        sleep("c", 10),
      ]);
      return `${JSON.stringify(a?.payload)} ${JSON.stringify(answer)}`;
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    const { actions = [] } = await waits(skein, run);
    expect(actions.map(({ kind }) => kind).sort()).toEqual(["event", "input", "timer"]);
    const [item] = (await skein.inbox()).items;
    expect(item?.action.prompt).toBe("How many?");
    await skein.decide("t", run.id, [
      { actionId: item?.action.id ?? "", decision: "output", output: "Three" },
    ]);
    await skein.sendEvent("t", run.id, { name: "a", payload: 1 });
    await skein.waitForRun("t", run.id, { timeoutMs: 10_000 });
    expect((await saidIn(skein, "t")).at(-1)).toBe(
      'assistant: 1 {"status":"answered","output":{"type":"text","text":"Three"}}',
    );
  });

  test("says things once, shares state once, and tells how it gets on", async () => {
    const handler: AgentHandler = async (context) => {
      await context.setStatus({ phase: "begun" });
      await context.append("a", { content: "First." });
      await context.append("b", { role: "user", content: "And then?", author: "bob" });
      await context.updateState("count", ({ n = 0 }) => ({ n: Number(n) + 1 }));
      await context.setStatus({ phase: "waiting" });
      await context.waitForEvent("w", "go");
      await context.setStatus({ phase: "done" });
      return "Last.";
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    expect((await waits(skein, run)).customStatus).toEqual({ phase: "waiting" });
    await skein.sendEvent("t", run.id, { name: "go" });
    const ended = await skein.waitForRun("t", run.id);
    expect(ended.customStatus).toEqual({ phase: "done" });
    expect((await skein.state("t")).value).toEqual({ n: 1 });
    const said = ["local: Go.", "assistant: First.", "bob: And then?", "assistant: Last."];
    expect(await saidIn(skein, "t")).toEqual(said);
  });

  test("throws what a step threw, the same whenever it is called again", async () => {
    const thrown: unknown[] = [];
    let tries = 0;
    const handler: AgentHandler = async ({ step, waitForEvent }) => {
      try {
        await step("bad", () => {
          tries += 1;
          throw new RangeError("No.");
        });
      } catch (error) {
        thrown.push(error);
      }
      await waitForEvent("w", "go");
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    await waits(skein, run);
    await skein.sendEvent("t", run.id, { name: "go" });
    expect((await skein.waitForRun("t", run.id)).status).toBe("completed");
    expect(tries).toBe(1);
    expect(thrown).toHaveLength(2);
    for (const error of thrown)
      expect(isSkeinError(error, "step_failed") && error.message).toBe("Step bad: No.");
  });

  test.each([
    ["uses a key twice", "The key a was used before"],
    ["does something else under a key", "The key a was a task a before"],
    ["throws", "assistant: Oh no."],
    ["answers too much in a step", "Step a: output is 40"],
  ])("fails when it %s", async (what, message) => {
    let calls = 0;
    const handler: AgentHandler = async ({ step, sleep, waitForEvent }) => {
      calls += 1;
      if (what === "throws") throw new Error("Oh no.");
      if (what.startsWith("does") && calls > 1) await sleep("a", 1);
      await step("a", () => (what.startsWith("answers") ? "x".repeat(40_000) : 1));
      if (what.startsWith("uses")) await step("a", () => 1);
      await waitForEvent("w", "go");
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    if (what.startsWith("does")) {
      await waits(skein, run);
      await skein.sendEvent("t", run.id, { name: "go" });
    }
    const ended = await skein.waitForRun("t", run.id);
    expect(ended.status).toBe("failed");
    expect(ended.error?.message).toContain(message);
  });

  test("continues anew with another input and a journal that is empty", async () => {
    const handler: AgentHandler = async ({ input, segment, step, continueAs }) => {
      const n = typeof input === "number" ? input : 0;
      await step("turn", () => n);
      if (n < 20) return continueAs(n + 1);
      return `${n} in segment ${segment}`;
    };
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const { text, run } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text).toBe("20 in segment 20");
    expect(run).toMatchObject({ segment: 20, journalFrom: 20, input: 20 });
  });

  test("stops at once when it is cancelled, whatever it does", async () => {
    const handler: AgentHandler = ({ step }) => step("long", () => new Promise(() => {}));
    const skein = openSkein({ store: await openStore(), agent: { handler } });
    const run = await begin(skein);
    while ((await skein.steps("t", run.id)).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const ended = await skein.cancel("t", run.id, { wait: true });
    expect(ended.status).toBe("cancelled");
    expect((await skein.steps("t", run.id)).map(({ status }) => status)).toEqual(["cancelled"]);
  });

  test("has agents with tools speak again and again, also after it continued anew", async () => {
    const seen = tool({ name: "count", description: "Counts.", input: {}, execute: () => 7 });
    const model = scriptedModel(({ messages }) =>
      messages.at(-1)?.role === "tool" ? ["Seven."] : [{ toolCall: { name: "count", input: {} } }],
    );
    const skein = openSkein({
      store: await openStore(),
      agent: {
        handler: async ({ input = 0, runAgent, append, continueAs }) => {
          await append("asked", { role: "user", content: "How many?" });
          const { text } = await runAgent("answer", "counter");
          return input === 2 ? `So ${text}` : continueAs(Number(input) + 1);
        },
      },
      others: [{ name: "counter", model, tools: [seen] }],
    });
    const { text } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text).toBe("So Seven.");
    expect(model.requests).toHaveLength(6);
  });

  test.each([
    ["approve", "done again", 2],
    ["output", "told", 1],
    ["deny", "Step pay: Never.", 1],
  ] as const)(
    "asks a person about an unsafe step that was interrupted: %s",
    async (how, answer, times) => {
      const store = await openStore();
      let calls = 0;
      const handler: AgentHandler = async ({ step }) => {
        try {
          return await step(
            "pay",
            () => {
              calls += 1;
              return calls === 1 ? new Promise<string>(() => {}) : "done again";
            },
            { effect: "unsafe" },
          );
        } catch (error) {
          return error instanceof Error ? error.message : "";
        }
      };
      const first = openSkein({ store, agent: { handler } });
      const run = await begin(first);
      while (calls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await first.drain(0);
      const second = openSkein({ store, agent: { handler } });
      const { actions = [] } = await untilAsked(second, run.id);
      expect(actions).toMatchObject([{ id: "flow:pay", kind: "verify", status: "waiting" }]);
      const said = {
        approve: { decision: "approve" },
        output: { decision: "output", output: "told" },
        deny: { decision: "deny", reason: "Never." },
      } as const;
      await second.decide("t", run.id, [{ actionId: "flow:pay", ...said[how] }]);
      await second.waitForRun("t", run.id, { timeoutMs: 10_000 });
      expect((await saidIn(second, "t")).at(-1)).toBe(`assistant: ${answer}`);
      expect(calls).toBe(times);
    },
  );

  test.each(["approve", "deny"] as const)(
    "waits for what a tool of an agent that it has speak asks for: %s",
    async (decision) => {
      const book = tool({
        name: "book",
        description: "Books.",
        input: {},
        approval: "always",
        execute: () => "Booked",
      });
      const model = scriptedModel(({ messages }) =>
        messages.at(-1)?.role === "tool"
          ? ["All set."]
          : [{ toolCall: { name: "book", input: {} } }],
      );
      const skein = openSkein({
        store: await openStore(),
        agent: {
          handler: async ({ runAgent, waitForEvent }) => {
            const [turn, event] = await Promise.all([
              runAgent("book", "agency"),
              waitForEvent("paid", "paid"),
            ]);
            return `${turn.text} ${JSON.stringify(event?.payload)}`;
          },
        },
        others: [{ name: "agency", model, tools: [book] }],
      });
      const run = await begin(skein);
      const { actions = [] } = await untilAsked(skein, run.id);
      const approval = actions.find(({ kind }) => kind === "approval");
      await skein.decide("t", run.id, [{ actionId: approval?.id ?? "", decision }]);
      await skein.sendEvent("t", run.id, { name: "paid", payload: 5 });
      const ended = await skein.waitForRun("t", run.id, { timeoutMs: 10_000 });
      expect(ended.status).toBe("completed");
      expect((await saidIn(skein, "t")).at(-1)).toBe("assistant: All set. 5");
      const steps = await skein.steps("t", run.id);
      expect(steps.filter(({ status }) => status !== "completed" && status !== "failed")).toEqual(
        [],
      );
    },
  );

  test("has other agents speak in its thread, each under its own name", async () => {
    const skein = openSkein({
      store: await openStore(),
      agent: {
        handler: async ({ runAgent }) => {
          const draft = await runAgent("draft", "writer");
          await runAgent("review", "critic", { instructions: `Judge: ${draft.text}` });
        },
      },
      others: [
        { name: "writer", model: scriptedModel(() => ["A poem."]) },
        { name: "critic", model: scriptedModel(({ system }) => [`Good. (${system ?? ""})`]) },
      ],
    });
    const { run } = await skein.respond({ threadId: "t", input: "Write." });
    expect(await saidIn(skein, "t")).toEqual([
      "local: Write.",
      "writer: A poem.",
      expect.stringMatching(/^critic: Good\. \(.*Judge: A poem\./su),
    ]);
    const steps = await skein.steps("t", run?.id ?? "");
    expect(steps.map(({ kind, name, agentId }) => [kind, name, agentId])).toEqual([
      ["agent", "writer", "assistant"],
      ["model", "scripted", "writer"],
      ["agent", "critic", "assistant"],
      ["model", "scripted", "critic"],
    ]);
    expect(run?.usage.outputTokens).toBeGreaterThan(0);
  });
});

test("a function takes a thread, and files of every kind", async () => {
  const handler: AgentHandler = async ({ messages }) => {
    const part = (await messages()).at(-1)?.parts.at(-1);
    return part?.type === "file" ? part.mediaType : "none";
  };
  const skein = openSkein({ store: memoryStore(), agent: { handler } });
  await expect(skein.respond({ thread: false, input: "Go." })).rejects.toMatchObject({
    code: "unsupported_capability",
  });
  const file = {
    type: "file",
    mediaType: "application/x-unheard-of",
    source: { kind: "url", url: "https://example.com/a" },
  } as const;
  expect((await skein.respond({ input: [{ type: "text", text: "Look." }, file] })).text).toBe(
    "application/x-unheard-of",
  );
});

test("a run of 1,000 turns keeps a journal of one", async () => {
  const inner = memoryStore();
  let longest = 0;
  const store = new Proxy(inner, {
    get(target, name) {
      if (name === "listSteps")
        return async (...[key, runId, from]: Parameters<Store["listSteps"]>) => {
          const steps = await target.listSteps(key, runId, from);
          longest = Math.max(longest, steps.length);
          return steps;
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const handler: AgentHandler = async ({ input = 0, step, append, continueAs }) => {
    const turn = await step("turn", () => Number(input) + 1);
    await append("said", { content: `Turn ${turn}` });
    return turn === 1_000 ? undefined : continueAs(turn);
  };
  const skein = openSkein({ store, agent: { handler } });
  const run = await begin(skein);
  const ended = await skein.waitForRun("t", run.id, { timeoutMs: 60_000 });
  expect(ended).toMatchObject({ status: "completed", segment: 999, actions: [] });
  expect(longest).toBeLessThanOrEqual(2);
  expect((await skein.get("t")).messageCount).toBe(1_001);
});
