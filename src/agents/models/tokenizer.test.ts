import { expect, test } from "vitest";
import { tokenizerFor } from "./tokenizer.ts";
import type { LoadModule } from "./tokenizer.ts";

const asked: string[] = [];
const installed: LoadModule = async (name) => {
  asked.push(name);
  return { countTokens: (text: string) => text.length };
};
const missing: LoadModule = async (name) => {
  throw new Error(`Cannot find package ${name}`);
};
const policy = { tokenBudget: 100 };

test("models of OpenAI have their own tokenizer where it is installed", async () => {
  const newer = await tokenizerFor("openai/gpt-5", policy, installed);
  expect(newer.name).toBe("gpt-tokenizer/o200k_base");
  expect(newer.count?.("four")).toBe(4);
  const older = await tokenizerFor("openai/gpt-4-turbo", policy, installed);
  expect(older.name).toBe("gpt-tokenizer/cl100k_base");
  expect(asked).toEqual([
    "gpt-tokenizer/encoding/o200k_base",
    "gpt-tokenizer/encoding/cl100k_base",
  ]);
});

test("tokens are estimated where there is no tokenizer, or none is wanted", async () => {
  const estimate = { name: "estimate" };
  expect(await tokenizerFor("openai/gpt-5", policy, missing)).toEqual(estimate);
  expect(await tokenizerFor("anthropic/claude", policy, installed)).toEqual(estimate);
  expect(await tokenizerFor("openai/gpt-5", {}, installed)).toEqual(estimate);
  const unwanted = { ...policy, tokenizer: "estimate" } as const;
  expect(await tokenizerFor("openai/gpt-5", unwanted, installed)).toEqual(estimate);
  expect(await tokenizerFor("openai/gpt-5", policy, async () => ({}))).toEqual(estimate);
});

test("a policy can bring a function that counts", async () => {
  const own = await tokenizerFor("demo", { tokenizer: (text) => text.length });
  expect(own).toMatchObject({ name: "custom" });
  expect(own.count?.("abc")).toBe(3);
});
