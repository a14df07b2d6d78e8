import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelEvent, ModelRequest } from "../../src/agents/models/model.ts";
import { tool } from "../../src/agents/agent.ts";
import type { RunStreamEvent, Skein } from "../../src/agents/skein.ts";
import { SkeinError } from "../../src/model/error.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { ScriptedItem, ScriptedReply } from "../../src/testing/scripted-model.ts";
import { collect, openSkein, STORES, textsOf } from "./fixture.ts";

const noteTool = tool({
  name: "note",
  description: "Notes.",
  input: {},
  effect: "idempotent",
  execute: () => "noted",
});

const retryable = new SkeinError("model_error", "503", { details: { isRetryable: true } });

/** What a reader that has `events` shows: texts, whole messages and the end, without how they were cut. */
function shown(events: readonly RunStreamEvent[]): unknown {
  return {
    texts: textsOf(events),
    messages: events.flatMap((event) => (event.type === "message" ? [event.message] : [])),
    end: events.flatMap((event) => (event.type === "end" ? [event.run.status] : [])),
  };
}

async function begin(skein: Skein): Promise<string> {
  await skein.create({ id: "t" });
  const { run } = await skein.append("t", { messages: [{ content: "Go" }], run: {} });
  return run?.id ?? "";
}

const SCRIPT: readonly ScriptedReply[] = [
  ["wrong ", { error: retryable }],
  [
    { reasoning: "Let me " },
    { reasoning: "think. \u{1F600}" },
    "I will note ",
    { delayMs: 1 },
    "it.",
    { toolCall: { callId: "c1", name: "note", input: { pieces: ['{"a"', ': "', "xyz", '"}'] } } },
    { toolCall: { callId: "c2", name: "note", input: {} } },
  ],
  ["And ", { delayMs: 60 }, "that ", { delayMs: 60 }, "is it."],
];

describe.each(STORES)("the stream of a run on the %s store", (_name, open) => {
  test("is the same from every position, while the run is under way and after it", async () => {
    const store = await open();
    const skein = openSkein({ store, agent: { model: scriptedModel(SCRIPT), tools: [noteTool] } });
    const id = await begin(skein);
    const live = await collect(skein.runStream("t", id));
    const replayed = await collect(skein.runStream("t", id));
    expect(shown(live)).toEqual(shown(replayed));
    expect(Object.values(textsOf(replayed))).toEqual([
      "Let me think. \u{1F600}",
      "I will note it.",
      '{"a": "xyz"}',
      "{}",
      "And that is it.",
    ]);
    for (const [index, { position }] of live.entries()) {
      const rest = await collect(skein.runStream("t", id, { position }));
      expect(shown([...live.slice(0, index + 1), ...rest.filter(isNews(live[index]))])).toEqual(
        shown(live),
      );
    }
  });

  test("can be cut at every character", async () => {
    const skein = openSkein({
      store: await open(),
      agent: { model: scriptedModel(["Hello you."]) },
    });
    const { run } = await skein.respond({ threadId: "t", input: "Hi" });
    const id = run?.id ?? "";
    const whole = await collect(skein.runStream("t", id));
    for (let length = 0; length <= "Hello you.".length; length++) {
      // A position is opaque; this one is what a reader with so many characters would have.
      const position = `0000.01.${(length + 1).toString(36).padStart(8, "0")}.${length.toString(36)}`;
      const rest = await collect(skein.runStream("t", id, { position }));
      const text = rest.flatMap((event) => (event.type === "delta" ? [event.text] : [])).join("");
      expect("Hello you.".slice(0, length) + text).toBe("Hello you.");
      expect(rest.filter(({ type }) => type === "message")).toEqual(
        whole.filter(({ type }) => type === "message"),
      );
    }
  });

  test("tells parts apart that a model writes alternately", async () => {
    const calls = [0, 1].map((part) => ({ part, callId: `c${part}`, name: "note" }));
    const model = {
      ...scriptedModel(["Done."]),
      async *stream(request: ModelRequest): AsyncGenerator<ModelEvent> {
        if (request.messages.some(({ role }) => role === "tool")) {
          yield* scriptedModel(["Done."]).stream(request);
          return;
        }
        for (const call of calls) yield { type: "tool-call-start", ...call };
        for (const text of ['{"n":', " 1", "}"])
          for (const { part, callId } of calls) {
            yield { type: "tool-input-delta", part, callId, text };
            await new Promise((resolve) => setTimeout(resolve, 60));
          }
        yield {
          type: "step-end",
          parts: calls.map(({ callId, name }) => ({
            type: "tool-call",
            callId,
            name,
            inputText: '{"n": 1}',
            input: { n: 1 },
          })),
          finish: "tool-calls",
          usage: undefined,
          model: "alternating",
        };
      },
    };
    const skein = openSkein({ store: await open(), agent: { model, tools: [noteTool] } });
    const id = await begin(skein);
    const live = await collect(skein.runStream("t", id));
    expect(live.filter(({ type }) => type === "delta").length).toBeGreaterThan(4);
    expect(Object.values(textsOf(live))).toEqual(['{"n": 1}', '{"n": 1}', "Done."]);
    for (const [index, { position }] of live.slice(0, -1).entries()) {
      const rest = await collect(skein.runStream("t", id, { position }));
      expect(shown([...live.slice(0, index + 1), ...rest])).toEqual(shown(live));
    }
  });

  test("loses nothing when the reader is far behind", async () => {
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const long = Array.from({ length: 1_500 }, (_, n) => `${n} `.padEnd(1_000, "x"));
    const model = scriptedModel([
      ["Begin. ", { wait: first.promise }, ...long, { wait: second.promise }, "End."],
    ]);
    const skein = openSkein({ store: await open(), agent: { model } });
    const id = await begin(skein);
    const events: RunStreamEvent[] = [];
    for await (const event of skein.runStream("t", id)) {
      events.push(event);
      if (event.type !== "delta") continue;
      first.resolve();
      // The reader does nothing until the model has written far more than a reader may have waiting.
      if (event.offset === 0) await new Promise((resolve) => setTimeout(resolve, 300));
      if (event.offset + event.text.length > 1_500_000) second.resolve();
    }
    expect(Object.values(textsOf(events))).toEqual([`Begin. ${long.join("")}End.`]);
  });

  test("has positions that grow", async () => {
    const store = await open();
    const skein = openSkein({ store, agent: { model: scriptedModel(SCRIPT), tools: [noteTool] } });
    const events = await collect(skein.runStream("t", await begin(skein)));
    const positions = events.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted());
  });

  test("shows the closing of calls that nobody answered", async () => {
    const items = [{ toolCall: { callId: "c1", name: "note", input: {} } }];
    const model = scriptedModel([{ items, finish: "length" }]);
    const skein = openSkein({ store: await open(), agent: { model, tools: [noteTool] } });
    const id = await begin(skein);
    const events = await collect(skein.runStream("t", id));
    const messages = events.filter((event) => event.type === "message");
    expect(messages.map(({ message }) => message.role)).toEqual(["assistant", "tool"]);
    const rest = await collect(skein.runStream("t", id, { position: messages[1]?.position ?? "" }));
    expect(rest.map(({ type }) => type)).toEqual(["end"]);
  });

  test("says again that the run has ended to a reader who was at the end", async () => {
    const skein = openSkein({ store: await open(), agent: { model: scriptedModel(["Hi."]) } });
    const events = await collect(skein.stream({ threadId: "t", input: "Hi" }));
    const end = events.at(-1);
    if (end?.type !== "end") throw new Error("The stream has no end.");
    expect(await collect(skein.runStream("t", end.run.id, { position: end.position }))).toEqual([
      end,
    ]);
  });

  test("refuses a position that it never gave", async () => {
    const skein = openSkein({ store: await open(), agent: { model: scriptedModel(["Hi."]) } });
    const { run } = await skein.respond({ threadId: "t", input: "Hi" });
    const stream = skein.runStream("t", run?.id ?? "", { position: "42" });
    await expect(collect(stream)).rejects.toMatchObject({ code: "invalid_cursor" });
  });

  test("is not for strangers", async () => {
    const skein = openSkein({ store: await open(), agent: { model: scriptedModel(["Hi."]) } });
    const { run } = await skein.respond({ threadId: "t", userId: "alice", input: "Hi" });
    const stream = skein.runStream("t", run?.id ?? "", { userId: "bob" });
    await expect(collect(stream)).rejects.toMatchObject({ code: "thread_not_found" });
  });

  test("ends quietly when the reader's signal fires, and the run goes on", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const model = scriptedModel([["Hello ", { wait: promise }, "you."]]);
    const skein = openSkein({ store: await open(), agent: { model } });
    const id = await begin(skein);
    const controller = new AbortController();
    const seen: RunStreamEvent[] = [];
    for await (const event of skein.runStream("t", id, { signal: controller.signal })) {
      seen.push(event);
      if (event.type === "delta") controller.abort();
    }
    expect(seen.at(-1)).toMatchObject({ type: "delta", text: "Hello " });
    resolve();
    expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
  });
});

/** A reader that goes on is told the run's status again; everything else is new. */
function isNews(last: RunStreamEvent | undefined): (event: RunStreamEvent) => boolean {
  return ({ type }) => type !== "run" && !(last?.type === "end" && type === "end");
}

const item: fc.Arbitrary<ScriptedItem> = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 400 }),
  fc.record({ reasoning: fc.string({ minLength: 1, maxLength: 300 }) }),
  fc.constant({ delayMs: 30 }),
  fc.record({
    toolCall: fc.record({
      name: fc.constant("note"),
      input: fc.record({ pieces: fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }) }),
    }),
  }),
);

test("readers that come, leave and return at random all get what is stored", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(item, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }),
      async (replies, stops) => {
        const [, open] = STORES[0] ?? [];
        if (open === undefined) throw new Error("There is no store.");
        const model = scriptedModel([...replies, "The end.", "The end.", "The end.", "The end."]);
        const agent = { model, tools: [noteTool] };
        const skein = openSkein({ store: await open(), agent });
        const id = await begin(skein);
        const seen: RunStreamEvent[] = [];
        for (let n = 0; seen.at(-1)?.type !== "end"; n++) {
          const position = seen.at(-1)?.position;
          let left = stops[n % stops.length] ?? 0;
          const stream = skein.runStream("t", id, position === undefined ? {} : { position });
          for await (const event of stream) {
            if (event.type === "run" && seen.length > 0) continue;
            seen.push(event);
            if (left-- <= 0) break;
          }
        }
        expect(shown(seen)).toEqual(shown(await collect(skein.runStream("t", id))));
      },
    ),
    { numRuns: 40 },
  );
});
