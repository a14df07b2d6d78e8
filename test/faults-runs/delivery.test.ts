import { expect, test } from "vitest";
import { agent } from "../../src/index.ts";
import type { Agent, Skein } from "../../src/index.ts";
import { agentTool } from "../../src/agents/sub-agent/agent-tool.ts";
import { textOf } from "../../src/model/part.ts";
import { addUsage, NO_USAGE } from "../../src/model/usage.ts";
import { scriptedModel } from "../../src/testing/index.ts";
import { steadyAgent, steadyModel } from "./agents.ts";
import { logOf } from "./invariants/scan-invariants.ts";
import { readLedger, writeLedger } from "./ledger.ts";
import { asked, describePlaces, enter, scanQuiet } from "./several.ts";
import type { Place } from "./several.ts";

await describePlaces("what a run says, hears and is told", (fresh) => {
  test("a reader drops what an interrupted attempt had said, and has then what is stored", async () => {
    const place = await fresh();
    const never = new Promise(() => {});
    const model = scriptedModel([["Once upon a", { wait: never }]]);
    const first = enter(place, { agents: [steadyAgent({ model })] });
    const reader = enter(place, { worker: false });
    const id = await asked(first, "tell");
    const seen = Promise.withResolvers<void>();
    const read = async (): Promise<ReadonlyMap<string, string>> => {
      const texts = new Map<string, string>();
      for await (const event of reader.runStream("t", id)) {
        if (event.type === "attempt-reset") texts.delete(event.messageId);
        if (event.type !== "delta") continue;
        const text = (texts.get(event.messageId) ?? "") + event.text;
        texts.set(event.messageId, text);
        if (text === "Once upon a") seen.resolve();
      }
      return texts;
    };
    const reading = read();
    await seen.promise;
    await first.drain(0);
    enter(place, { agents: [steadyAgent({ model: scriptedModel(["Another time."]) })] });
    const texts = await reading;
    expect([...texts.values()]).toEqual(["Another time."]);
    const { messages } = await reader.messages("t");
    expect(messages.map(({ parts }) => textOf(parts))).toEqual(["tell", "Another time."]);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("the results of called agents arrive once each, and are counted once, whoever delivers them", async () => {
    const place = await fresh();
    const agents = callers();
    const skeins = [1, 2, 3].map(() => enter(place, { agents }));
    const [skein] = skeins;
    if (skein === undefined) throw new Error("There is no process.");
    const id = await asked(skein, "call helper helper");
    const run = await skein.waitForRun("t", id, { timeoutMs: 25_000 });
    expect(run.status).toBe("completed");
    const entries = await logOf(skein, "t");
    const decided = entries.flatMap((entry) =>
      entry.op === "approval.decide" ? [entry.data.actionId] : [],
    );
    expect(decided.toSorted()).toEqual(["c1", "c2"]);
    let usage = NO_USAGE;
    const { links = [] } = await skein.get("t");
    expect(links).toHaveLength(2);
    for (const { threadId } of links) {
      const { items } = await skein.runs(threadId);
      expect(items.map(({ status }) => status)).toEqual(["completed"]);
      usage = addUsage(usage, items[0]?.usage ?? NO_USAGE);
    }
    expect(run.called?.usage).toEqual(usage);
    expect(usage.outputTokens).toBeGreaterThan(0);
    const { messages } = await skein.messages("t");
    expect(messages.filter(({ role }) => role === "tool")).toHaveLength(2);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("stopping the caller stops the agents that it called", async () => {
    const place = await fresh();
    const agents = callers("slow down");
    const skeins = [enter(place, { agents }), enter(place, { agents })] as const;
    const id = await asked(skeins[0], "call helper");
    await untilLinked(skeins[0]);
    await skeins[1].cancel("t", id, { wait: true });
    const [link] = (await skeins[0].get("t")).links ?? [];
    const [called] = (await skeins[0].runs(link?.threadId ?? "")).items;
    const { status } = await skeins[0].waitForRun(link?.threadId ?? "", called?.id ?? "");
    expect(status).toBe("cancelled");
    const steps = await skeins[0].steps("t", id);
    expect(steps.map((step) => step.status)).toEqual(["completed", "cancelled"]);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("an event that is sent twice under one key is taken once, also when it comes before it is waited for", async () => {
    const place = await fresh();
    const idle = enter(place, { worker: false, agents: [orders(place)] });
    const id = await asked(idle, "two please", { agentId: "order" });
    const paid = { name: "paid", payload: { sum: 3 }, dedupKey: "p1" };
    await idle.sendEvent("t", id, paid);
    const working = enter(place, { agents: [orders(place)] });
    await working.sendEvent("t", id, paid);
    const waiting = Promise.withResolvers<void>();
    void watch(working, id, waiting.resolve);
    await waiting.promise;
    await working.sendEvent("t", id, { ...paid, payload: { sum: 4 }, dedupKey: "p2" });
    expect(await working.waitForRun("t", id)).toMatchObject({ status: "completed", signals: [] });
    const { messages } = await working.messages("t");
    expect(messages.map(({ parts }) => textOf(parts))).toEqual(["two please", "3 and 4"]);
    expect(readLedger(place.ledger).map(({ tag }) => tag)).toEqual(["3", "4"]);
    expect(await scanQuiet(place)).toEqual([]);
  });
});

/** An agent that calls another one, whose task is always the same. */
function callers(task = "hello"): readonly Agent[] {
  const helping = steadyModel();
  const model = scriptedModel(({ messages }) => {
    if (messages.at(-1)?.role === "tool") return "It is done.";
    const [, ...names] = textOf(messages.at(-1)?.parts ?? []).split(" ");
    return names.map((name, index) => ({
      toolCall: { callId: `c${index + 1}`, name, input: { task } },
    }));
  });
  const tools = [agentTool({ agent: "helper", description: "Helps." })];
  return [steadyAgent({ model, tools }), agent({ name: "helper", model: helping })];
}

/** A function that takes two payments, and writes down each. */
function orders({ ledger }: Place): Agent {
  return agent({
    name: "order",
    async handler(context) {
      const sums: string[] = [];
      for (const key of ["first", "second"]) {
        const event = await context.waitForEvent(key, "paid");
        const sum = String(Object(event?.payload)["sum"]);
        await context.step(`book-${key}`, ({ idempotencyKey }) => {
          writeLedger(ledger, { tool: "booked", tag: sum, key: idempotencyKey });
          return null;
        });
        sums.push(sum);
      }
      return sums.join(" and ");
    },
  });
}

async function untilLinked(skein: Skein): Promise<void> {
  for await (const { op } of skein.observe("t", { after: 0 })) if (op === "link.add") return;
}

/** Calls back when the run waits for the second payment. */
async function watch(skein: Skein, id: string, onWait: () => void): Promise<void> {
  for await (const { op, data } of skein.observe("t", { after: 0 }))
    if (op === "approval.request" && data.runId === id && data.action.id.includes("second"))
      return onWait();
}
