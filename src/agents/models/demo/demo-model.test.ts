import { describe, expect, test } from "vitest";
import type { MessageBody } from "../../../model/message.ts";
import { type Part, text, textOf } from "../../../model/part.ts";
import type { ModelEvent, ModelRequest } from "../model.ts";
import { demoModel } from "./demo-model.ts";

const model = demoModel({ delayMs: 0 });
const CLOCK = {
  name: "clock",
  description: "Tells the time.",
  inputSchema: { type: "object" },
} as const;

let next = 0;
function user(said: string, author?: string, ...parts: Part[]): MessageBody {
  return {
    id: `m${++next}`,
    role: "user",
    status: "completed",
    parts: [text(said), ...parts],
    ...(author !== undefined && { author: { kind: "user", id: author } }),
  };
}

function request(
  messages: readonly MessageBody[],
  fields: Partial<ModelRequest> = {},
): ModelRequest {
  return {
    system: undefined,
    messages,
    tools: [],
    signal: new AbortController().signal,
    loadBlob: () => Promise.reject(new Error("no blob is expected")),
    speakerLabels: false,
    ...fields,
  };
}

async function step(
  messages: readonly MessageBody[],
  fields?: Partial<ModelRequest>,
): Promise<Extract<ModelEvent, { type: "step-end" }>> {
  for await (const event of model.stream(request(messages, fields)))
    if (event.type === "step-end") return event;
  throw new Error("the stream has no end");
}

async function answer(
  messages: readonly MessageBody[],
  fields?: Partial<ModelRequest>,
): Promise<string> {
  return textOf((await step(messages, fields)).parts);
}

function thread(...said: readonly string[]): MessageBody[] {
  return said.map((one) => user(one));
}

describe("the stream", () => {
  test("comes word by word, adds up to the stored text, names itself and reports usage", async () => {
    const events: ModelEvent[] = [];
    for await (const event of model.stream(request(thread("hello")))) events.push(event);
    const deltas = events.filter((event) => event.type === "text-delta");
    const end = events.at(-1);
    const stored = end?.type === "step-end" ? textOf(end.parts) : "";
    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.map((delta) => delta.text).join("")).toBe(stored);
    expect(stored).toMatch(/^\(demo model\) Hello/);
    expect(end).toMatchObject({ model: "demo", finish: "stop", usage: { inputTokens: 2 } });
  });

  test("the same request gives the same answer", async () => {
    const messages = thread("My name is Alice.", "What's my name?");
    expect(await answer(messages)).toBe(await answer(messages));
  });

  test("an abort ends it between two words", async () => {
    const controller = new AbortController();
    const slow = demoModel({ delayMs: 1 });
    const read: string[] = [];
    const consume = async (): Promise<void> => {
      const events = slow.stream(
        request(thread("write 4000 words"), { signal: controller.signal }),
      );
      for await (const event of events) {
        if (event.type === "text-delta") read.push(event.text);
        if (read.length === 5) controller.abort();
      }
    };
    await expect(consume()).rejects.toMatchObject({ code: "aborted" });
    expect(read).toHaveLength(5);
  });

  test("the limit on output tokens cuts the answer and says so", async () => {
    const end = await step(thread("write 500 words"), { settings: { maxOutputTokens: 10 } });
    expect(end.finish).toBe("length");
    expect(textOf(end.parts)).toHaveLength(40);
  });
});

describe("memory", () => {
  test.each([
    ["My name is Alice.", "What's my name?", "Your name is Alice."],
    [
      "Hi! My name is Alice and I'm working on a Go project about web APIs.",
      "What is my name?",
      "Your name is Alice.",
    ],
    ["Remember my name is Alice", "What's my name?", "Your name is Alice."],
    ["I’m Alice, hello", "what’s my name", "Your name is Alice."],
    ["call me Bob Smith.", "do you remember my name?", "Your name is Bob Smith."],
    ["my name is alice", "Who is my name?", "Your name is alice."],
    ["My favorite color is blue.", "What's my favorite color?", "Your favorite color is blue."],
    [
      "My favourite colour is dark green",
      "tell me my favorite color",
      "Your favorite color is dark green.",
    ],
    ["My dog's name is Rex.", "What is my dog's name?", "Your dog's name is Rex."],
    ["My dog's name is Rex.", "What's my name?", "You have not told me your name in this thread."],
    ["I'm working on the parser.", "What am I working on?", "You are working on the parser."],
    [
      "Hi! My name is Alice and I'm working on a Go project.",
      "What am I working on?",
      "You are working on a Go project.",
    ],
  ])("%j then %j", async (told, asked, expected) => {
    expect(await answer(thread(told, "ok", asked))).toBe(`(demo model) ${expected}`);
  });

  test("a later fact replaces an earlier one, likes add up", async () => {
    const told = [
      "My favorite color is blue.",
      "I like tea.",
      "Actually my favorite color is red.",
      "I like jazz and rain.",
    ];
    const known = await answer(thread(...told, "What do you remember about me?"));
    expect(known).toContain("Your favorite color is red.");
    expect(known).not.toContain("blue");
    expect(known).toMatch(/You like tea\..*You like jazz and rain\./);
  });

  test("a question tells no fact, and what was not told is not made up", async () => {
    expect(await answer(thread("Is my name Bob?", "What's my name?"))).toContain(
      "not told me your name",
    );
    expect(await answer(thread("What's my favorite color?"))).toContain(
      "not told me your favorite color",
    );
  });

  test("confirms what it was told", async () => {
    expect(await answer(thread("Hi! My name is Alice and I prefer tea."))).toBe(
      "(demo model) Nice to meet you, Alice. You prefer tea.",
    );
  });

  test("each person's facts are their own", async () => {
    const told = [
      user("My favorite color is blue.", "alice"),
      user("My favorite color is red.", "bob"),
    ];
    const asked = "What's my favorite color?";
    expect(await answer([...told, user(asked, "alice")])).toContain("blue");
    expect(await answer([...told, user(asked, "bob")])).toContain("red");
    expect(await answer([...told, user(asked, "carol")])).toContain("not told me");
    expect(await answer([user("What's my name?", "carol")])).toContain("carol");
  });
});

describe("teams", () => {
  const team = [
    user("I'm starting work on the authentication module. ETA is Friday.", "alice"),
    user("I'll handle the database schema. Can we sync on the user model structure?", "bob"),
  ];

  test("a question about the state of work is answered from what the others said", async () => {
    const status = await answer([
      ...team,
      user("What's the current status of the authentication work?", "carol"),
    ]);
    expect(status).toContain(
      "alice said: “I'm starting work on the authentication module. ETA is Friday.”",
    );
    expect(status).toContain("bob said: “I'll handle the database schema.");
    expect(status.indexOf("alice")).toBeLessThan(status.indexOf("bob"));
  });

  test("a question about one subject finds who mentioned it, also by a shorter word", async () => {
    expect(await answer([...team, user("Who is working on auth?", "carol")])).toContain(
      "alice said",
    );
    expect(await answer([...team, user("Where does the schema live?", "carol")])).toBe(
      "(demo model) bob said: “I'll handle the database schema. Can we sync on the user model structure?”.",
    );
  });

  test("tells who said what", async () => {
    const said = await answer([...team, user("Who said what?", "alice")]);
    expect(said).toContain("2 people wrote here. you said: “I'm starting work");
    expect(said).toContain("bob said: “I'll handle");
  });
});

describe("tools", () => {
  test("asks the clock for the time, and tells what it says", async () => {
    const asked = user("What time is it?");
    const end = await step([asked], { tools: [CLOCK] });
    expect(end).toMatchObject({
      finish: "tool-calls",
      parts: [
        { type: "tool-call", callId: "demo_call_1", name: "clock", inputText: "{}", input: {} },
      ],
    });
    const call: MessageBody = { id: "a", role: "assistant", status: "completed", parts: end.parts };
    const result: MessageBody = {
      id: "t",
      role: "tool",
      status: "completed",
      parts: [
        {
          type: "tool-result",
          callId: "demo_call_1",
          name: "clock",
          outcome: "ok",
          output: { type: "text", text: "12:30" },
        },
      ],
    };
    expect(await answer([asked, call, result], { tools: [CLOCK] })).toBe(
      "(demo model) The clock says 12:30.",
    );
    const again = await step([asked, call, result, user("and today's date?")], { tools: [CLOCK] });
    expect(again.parts).toMatchObject([{ callId: "demo_call_2" }]);
  });

  test("without the tool it says that it has no clock", async () => {
    expect(await answer(thread("What's the time?"))).toContain("no clock");
  });

  test("a tool that failed is reported as failed", async () => {
    const result: Part = {
      type: "tool-result",
      callId: "c",
      name: "deploy",
      outcome: "denied",
      output: { type: "error", text: "not on Friday" },
    };
    const messages = [user("deploy"), { ...user(""), role: "tool", parts: [result] } as const];
    expect(await answer(messages)).toContain("deploy gave no result (denied): not on Friday");
  });
});

describe("other rules", () => {
  test.each([
    ["write 250 words", 250],
    ["Tell me a story of 40 words", 40],
    ["write 999999 words", 5_000],
    ["tell me a long story", 300],
  ])("%j gives %d words after its name", async (asked, words) => {
    const told = await answer(thread(asked));
    expect(told.replace("(demo model) ", "").split(" ")).toHaveLength(words);
  });

  test("says what it can do", async () => {
    expect(await answer(thread("What can you do?"))).toContain("I'm Skein's demo model");
  });

  test("tells the thread's metadata that the system prompt shows", async () => {
    const system =
      'You are Helper.\nCurrent conversation context:\n- project: "web-api"\n- priority: high';
    expect(await answer(thread("Which project is this?"), { system })).toBe(
      "(demo model) This thread's context: project is web-api.",
    );
    expect(await answer(thread("What is the context of this thread?"), { system })).toContain(
      "priority is high",
    );
    expect(await answer(thread("What is the context?"))).toContain("no context");
  });

  test("reads text files, names images and refuses the rest", async () => {
    const file = (mediaType: string, said: string): Part => ({
      type: "file",
      mediaType,
      filename: "f",
      source: { kind: "text", text: said },
    });
    const source = { kind: "url", url: "https://example.com/a.png" } as const;
    const image: Part = { type: "file", mediaType: "image/png", filename: "f", source };
    expect(await answer([user("see", undefined, file("text/plain", "one two\nthree"))])).toContain(
      "3 words, beginning with “one two”",
    );
    expect(await answer([user("see", undefined, image)])).toContain("I got the file f (image/png)");
    await expect(answer([user("see", undefined, file("audio/wav", ""))])).rejects.toMatchObject({
      code: "unsupported_part",
    });
  });

  test("anything else is repeated, with its name and a hint", async () => {
    expect(await answer(thread("Lorem ipsum"))).toMatch(/^\(demo model\) .*“Lorem ipsum”/);
    expect(await answer(thread(""))).toContain("nothing that I can read");
  });
});
