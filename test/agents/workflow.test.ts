import { describe, expect, test } from "vitest";
import { parallel, workflow } from "../../src/agents/flow/workflow.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { textOf } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { ScriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES } from "./fixture.ts";

/** Says its name, and what it was told last. */
function echo(name: string): ScriptedModel {
  return scriptedModel(({ messages }) => {
    const last = messages.at(-1);
    return [`${name} heard ${last?.author?.id ?? ""} say ${textOf(last?.parts ?? [])}.`];
  });
}

const others = ["a", "b", "c", "d"].map((name) => ({ name, model: echo(name) }));

async function saidIn(skein: Skein, threadId: string): Promise<readonly string[]> {
  const { messages } = await skein.messages(threadId);
  return messages.map(({ role, author, parts }) => `${author?.id ?? role}: ${textOf(parts)}`);
}

describe.each(STORES)("a workflow, on %s", (_name, openStore) => {
  test("has agents speak one after another, and at once, on one thread", async () => {
    const flow = workflow({ name: "flow", steps: ["a", parallel(["b", "c"]), { agent: "d" }] });
    const skein = openSkein({ store: await openStore(), others: [...others, flow] });
    const { run } = await skein.respond({ threadId: "t", agentId: "flow", input: "Go" });
    expect(run?.status).toBe("completed");
    expect(await saidIn(skein, "t")).toEqual([
      "local: Go",
      "a: a heard local say Go.",
      "b: b heard a say a heard local say Go..",
      "c: c heard a say a heard local say Go..",
      "d: d heard c say c heard a say a heard local say Go...",
    ]);
  });

  test("answers with what its last agent said, each message once", async () => {
    const skein = openSkein({
      store: await openStore(),
      others: [...others, workflow(["a", "b"])],
    });
    const { text, messages } = await skein.respond({ agentId: "workflow", input: "Go" });
    expect(text).toBe("b heard a say a heard local say Go..");
    expect(messages.map(({ author }) => author?.id)).toEqual(["a", "b"]);
  });

  test("fails with an agent that fails, and keeps what was said", async () => {
    const model = scriptedModel(() => [{ error: new Error("Broken.") }]);
    const bad = { name: "bad", model };
    const skein = openSkein({
      store: await openStore(),
      others: [...others, bad, workflow(["a", parallel(["b", "bad"])])],
    });
    const { run } = await skein.create({
      id: "t",
      messages: [{ content: "Go" }],
      run: { agentId: "workflow" },
    });
    const ended = await skein.waitForRun("t", run?.id ?? "");
    expect(ended).toMatchObject({ status: "failed" });
    expect(ended.error?.message).toContain("Broken.");
    expect((await saidIn(skein, "t"))[1]).toBe("a: a heard local say Go.");
  });
});

test("a workflow has steps", () => {
  for (const steps of [[], [parallel([])]])
    expect(() => workflow(steps)).toThrow(
      expect.toSatisfy((error: unknown) => isSkeinError(error, "invalid_request")),
    );
});
