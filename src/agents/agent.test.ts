import { expect, test } from "vitest";
import { z } from "zod";
import { agent, tool } from "./agent.ts";
import type { Agent, Tool } from "./agent.ts";
import { agentRegistry } from "./agent-registry.ts";
import { checkToolInput, modelToolOf } from "./tool-input.ts";

const echo: Tool = {
  name: "echo",
  description: "Says it again.",
  input: { type: "object" },
  execute: (input) => input,
};

test.each<[string, Partial<Agent>]>([
  ["a name with spaces", { name: "my agent" }],
  ["no steps", { maxSteps: 0 }],
  ["half a message", { context: { lastMessages: 0.5 } }],
  ["two tools of one name", { tools: [echo, echo] }],
  ["a tool with a name that models refuse", { tools: [{ ...echo, name: "say it" }] }],
  ["a tool that never has time", { tools: [{ ...echo, timeoutMs: -1 }] }],
])("an agent with %s is refused", (_what, wrong) => {
  expect(() => agent({ name: "ada", ...wrong })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^invalid_/) }),
  );
});

test("agents are found by name, beside the default one", async () => {
  const options = { env: { SKEIN_MODEL: "demo" }, clock: () => 0 };
  const registry = agentRegistry({ agents: [{ name: "ada" }], ...options });
  expect(registry.all.map(({ name, model }) => [name, model])).toEqual([
    ["assistant", "demo"],
    ["ada", "demo"],
  ]);
  expect(() => registry.get("bob")).toThrow(expect.objectContaining({ code: "agent_not_found" }));
  expect(await registry.modelFor(registry.get("ada"))).toMatchObject({ id: "demo" });
  const twice = [{ name: "ada" }, { name: "ada" }];
  expect(() => agentRegistry({ agents: twice, ...options })).toThrow("Two agents");
  const replaced = agentRegistry({ agents: [{ name: "assistant", maxSteps: 2 }], ...options });
  expect(replaced.all).toMatchObject([{ name: "assistant", maxSteps: 2 }]);
});

test("a model that could not be loaded is tried again", async () => {
  const env: Record<string, string> = {};
  const registry = agentRegistry({
    agents: [{ name: "a", model: "openai/x" }],
    env,
    clock: () => 0,
  });
  const ada = registry.get("a");
  await expect(registry.modelFor(ada)).rejects.toMatchObject({ code: "model_not_configured" });
  env["OPENAI_API_KEY"] = "key";
  expect(await registry.modelFor(ada)).toMatchObject({ id: "openai/x" });
});

test("a standard schema describes, checks and completes the input", async () => {
  const input = z.object({ city: z.string(), days: z.number().default(1) });
  const weather = tool({ ...echo, name: "weather", input });
  expect(modelToolOf(weather).inputSchema).toMatchObject({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  });
  const call = { type: "tool-call", callId: "c", name: "weather" } as const;
  const given = { inputText: '{"city":"Oslo"}', input: { city: "Oslo" } };
  expect(await checkToolInput(weather, { ...call, ...given })).toEqual({
    isValid: true,
    input: { city: "Oslo", days: 1 },
  });
  expect(await checkToolInput(weather, { ...call, inputText: "", input: {} })).toMatchObject({
    isValid: false,
    problem: expect.stringContaining("`city`"),
  });
});

test("importing the agents layer loads neither the AI SDK nor zod", async () => {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({
      resolve: (specifier, context, next) => (loaded.push(specifier), next(specifier, context)),
    });
    await import(${JSON.stringify(new URL("./create-skein.ts", import.meta.url).href)});
    console.log(JSON.stringify(loaded.filter((name) => /^(ai|zod|@ai-sdk\\/.*)$/.test(name))));`;
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual([]);
});
