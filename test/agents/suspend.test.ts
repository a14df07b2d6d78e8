import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { SuspendRequest, Tool, ToolContext } from "../../src/agents/agent.ts";
import type { Skein } from "../../src/agents/skein.ts";
import type { Message } from "../../src/model/message.ts";
import type { ToolOutput } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { gate, openSkein, STORES, untilAsked } from "./fixture.ts";

const call = { toolCall: { callId: "c1", name: "book", input: {} } };

function booking(execute: NonNullable<Tool["execute"]>): Tool {
  return tool({ name: "book", description: "Books.", input: {}, execute });
}

/** Asks the questions one after the other and answers with the last answer. */
function asking(questions: readonly SuspendRequest[], seen: (ToolOutput | undefined)[]): Tool {
  return booking((_input, { answer, suspend }) => {
    seen.push(answer);
    const next = questions[seen.length - 1];
    if (next !== undefined) suspend(next);
    return answer?.type === "text" ? `Got ${answer.text}` : "Got nothing";
  });
}

async function ask(skein: Skein): Promise<string> {
  const { run } = await skein.create({ id: "t", messages: [{ content: "Go" }], run: {} });
  return run?.id ?? "";
}

function resultIn(messages: readonly Message[]): unknown {
  return messages.flatMap(({ parts }) => parts).find(({ type }) => type === "tool-result");
}

describe.each(STORES)("a tool that suspends itself, on the %s store", (_name, open) => {
  test("runs again with the answer, in whatever process is there then", async () => {
    const store = await open();
    const seen: (ToolOutput | undefined)[] = [];
    const keys: string[] = [];
    const tools = [
      booking((_input, { answer, suspend, idempotencyKey }) => {
        keys.push(idempotencyKey);
        seen.push(answer);
        if (answer === undefined)
          suspend({ kind: "input", prompt: "Which day?", data: { form: ["day"] } });
        return "booked";
      }),
    ];
    const first = openSkein({ store, agent: { model: scriptedModel([[call]]), tools } });
    const id = await ask(first);
    expect(await untilAsked(first, id)).toMatchObject({
      status: "requires_action",
      actions: [
        { id: "c1", kind: "input", prompt: "Which day?", data: { form: ["day"] }, name: "book" },
      ],
    });
    await first.drain(0);
    const model = scriptedModel(["Booked."]);
    const second = openSkein({ store, agent: { model, tools } });
    await second.decide("t", id, [{ actionId: "c1", decision: "output", output: "Monday" }]);
    expect(await second.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(seen).toEqual([undefined, { type: "text", text: "Monday" }]);
    expect(keys).toEqual([`${id}:tool:c1`, `${id}:tool:c1`]);
    expect(resultIn((await second.messages("t")).messages)).toMatchObject({
      callId: "c1",
      outcome: "ok",
      output: { text: "booked" },
    });
    expect(await second.steps("t", id)).toMatchObject([
      { key: "model:1" },
      { key: "tool:c1", attempt: 2, status: "completed" },
      { key: "model:2" },
    ]);
  });

  test("may ask several times; waiting often is no fault", async () => {
    const seen: (ToolOutput | undefined)[] = [];
    const questions = Array.from({ length: 8 }, (_, n) => ({
      kind: "external" as const,
      prompt: `Question ${n}`,
    }));
    const skein = openSkein({
      store: await open(),
      agent: { model: scriptedModel([[call], "Done."]), tools: [asking(questions, seen)] },
    });
    const id = await ask(skein);
    for (const [n] of questions.entries()) {
      const run = await untilAsked(skein, id);
      const waiting = run.actions?.filter(({ status }) => status === "waiting");
      const actionId = n === 0 ? "c1" : `c1:${n + 1}`;
      expect(waiting).toMatchObject([{ id: actionId, prompt: `Question ${n}` }]);
      await skein.decide("t", id, [{ actionId, decision: "output", output: `${n}` }]);
    }
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(resultIn((await skein.messages("t")).messages)).toMatchObject({
      output: { text: "Got 7" },
    });
  });

  test("does not run again when a person refuses", async () => {
    const seen: (ToolOutput | undefined)[] = [];
    const skein = openSkein({
      store: await open(),
      agent: {
        model: scriptedModel([[call], "Then not."]),
        tools: [asking([{ kind: "auth", prompt: "Sign in." }], seen)],
      },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    await skein.decide("t", id, [{ actionId: "c1", decision: "deny", reason: "No." }]);
    await skein.waitForRun("t", id);
    expect(seen).toEqual([undefined]);
    const { messages } = await skein.messages("t");
    expect(resultIn(messages)).toMatchObject({ outcome: "denied" });
    const [, step] = await skein.steps("t", id);
    expect(step).toMatchObject({ key: "tool:c1", status: "failed", messageId: messages[2]?.id });
  });

  test("leaves nothing at work when the run is cancelled before the answer", async () => {
    const skein = openSkein({
      store: await open(),
      agent: { model: scriptedModel([[call]]), tools: [asking([{ kind: "input" }], [])] },
    });
    const id = await ask(skein);
    await untilAsked(skein, id);
    expect(await skein.cancel("t", id, { wait: true })).toMatchObject({ status: "cancelled" });
    const steps = await skein.steps("t", id);
    expect(steps.map(({ key, status }) => [key, status])).toEqual([
      ["model:1", "completed"],
      ["tool:c1", "cancelled"],
    ]);
    expect((await skein.check()).problems).toEqual([]);
  });

  test("keeps its answer when the second attempt is interrupted", async () => {
    const store = await open();
    const answers: (ToolOutput | undefined)[] = [];
    const { opened, open: started } = gate();
    const work = (last: () => Promise<never> | string) =>
      tool({
        ...booking((_input, { answer, suspend }: ToolContext) => {
          answers.push(answer);
          if (answer === undefined) suspend({ kind: "input" });
          return last();
        }),
        effect: "idempotent",
      });
    const hanging = work(() => {
      started();
      return new Promise<never>(() => {});
    });
    const first = openSkein({
      store,
      agent: { model: scriptedModel([[call]]), tools: [hanging] },
    });
    const id = await ask(first);
    await untilAsked(first, id);
    await first.decide("t", id, [{ actionId: "c1", decision: "output", output: "Monday" }]);
    await opened;
    await first.drain(0);
    const second = openSkein({
      store,
      agent: { model: scriptedModel(["Done."]), tools: [work(() => "booked")] },
    });
    expect(await second.waitForRun("t", id)).toMatchObject({ status: "completed" });
    const monday = { type: "text", text: "Monday" };
    expect(answers).toEqual([undefined, monday, monday]);
  });
});

test("a call that nobody answers in time ends with an error", async () => {
  const [, open] = STORES[1] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const seen: (ToolOutput | undefined)[] = [];
  const model = scriptedModel([[call], "Nobody was there."]);
  const skein = openSkein({
    store: await open(),
    agent: { model, tools: [asking([{ kind: "input", timeoutMs: 1 }], seen)] },
  });
  const id = await ask(skein);
  expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
  expect(seen).toEqual([undefined]);
  expect(resultIn((await skein.messages("t")).messages)).toMatchObject({
    outcome: "error",
    output: { text: "No answer in time." },
  });
});

test("a tool that cannot be suspended is told so", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const tools = [booking((_input, { suspend }) => suspend({ kind: "input" }))];
  const skein = openSkein({
    store: await open(),
    agent: { model: scriptedModel([[call], "Not here."]), tools },
  });
  const { messages } = await skein.respond({ thread: false, input: "Go" });
  expect(resultIn(messages)).toMatchObject({ outcome: "error" });
});

test("a tool tells how it gets on and shares state with compare-and-set", async () => {
  const [, open] = STORES[1] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const { opened, open: release } = gate();
  const conflicts: unknown[] = [];
  const tools = [
    booking(async (_input, { state, setStatus }) => {
      const before = await state.get();
      const version = await state.patch({ seats: 2 }, before.version);
      await state.patch({ seats: 1 }, before.version).catch((error: unknown) => {
        conflicts.push(error);
      });
      await setStatus({ step: "booking", seats: 2 });
      await opened;
      return { version, state: (await state.get()).value };
    }),
  ];
  const skein = openSkein({
    store: await open(),
    agent: { model: scriptedModel([[call], "Booked."]), tools },
  });
  const id = await ask(skein);
  for await (const event of skein.runStream("t", id))
    if (event.type === "run" && event.run.customStatus !== undefined) {
      expect(event.run).toMatchObject({
        status: "running",
        customStatus: { step: "booking", seats: 2 },
      });
      break;
    }
  release();
  await skein.waitForRun("t", id);
  expect(resultIn((await skein.messages("t")).messages)).toMatchObject({
    output: { value: { state: { seats: 2 } } },
  });
  expect(conflicts).toMatchObject([{ code: "version_conflict" }]);
  expect(await skein.state("t")).toMatchObject({ value: { seats: 2 } });
});
