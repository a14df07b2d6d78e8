import { expect, test } from "vitest";
import { checkConfig } from "./check-config.ts";

const FILE = "skein.config.ts";

test("a complete configuration passes unchanged", () => {
  const config = {
    agents: [
      {
        name: "my-agent",
        instructions: "Be brief.",
        model: "openai/gpt-5",
        context: { lastMessages: 20 },
        visibleMetadata: ["project"],
        tools: [{ name: "add", description: "Adds.", input: {}, execute: () => null }],
      },
    ],
    model: "demo",
    prices: { "openai/gpt-5": { input: 1250, output: 10_000 } },
    store: "sqlite:./skein.db",
    host: "127.0.0.1",
    port: 0,
  };
  expect(checkConfig(config, FILE)).toBe(config);
});

test.each([
  [[], "skein.config.ts: The configuration must be an object."],
  [{ agent: [] }, "skein.config.ts: agent is not known. Did you mean agents?"],
  [{ agents: {} }, "skein.config.ts: agents must be a list."],
  [{ agents: [{}] }, "skein.config.ts: agents[0].name is missing."],
  [{ agents: [{ name: "a b" }] }, "agents[0].name must be 1 to 128 characters"],
  [
    { agents: [{ name: "a", tools: [{ name: "t" }] }] },
    "agents[0].tools[0].description is missing.",
  ],
  [{ agents: [{ name: "a", maxSteps: 0 }] }, "agents[0].maxSteps must be a whole number from 1."],
  [{ port: 70_000 }, "port must be a whole number from 0 to 65535."],
  [{ store: {} }, "store must be a store's address or a store."],
  [{ prices: { x: { input: 1 } } }, "prices.x.output is missing."],
])("%j is refused with the file, the field and the rule", (config, sentence) => {
  expect(() => checkConfig(config, FILE)).toThrow(sentence);
});
