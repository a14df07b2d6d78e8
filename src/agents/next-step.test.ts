import { expect, test } from "vitest";
import type { ToolCallPart } from "../model/part.ts";
import type { Step } from "../model/run.ts";
import { nextStep } from "./next-step.ts";

function step(key: string, attempt = 1): Step {
  return {
    runId: "r",
    key,
    id: key,
    kind: key.startsWith("model") ? "model" : "tool",
    name: "x",
    agentId: "a",
    attempt,
    fence: 1,
    status: "completed",
    startedAt: 0,
  };
}

const open = { messageId: "m", branch: "main", runId: "r", version: 1, role: "assistant" } as const;
const call: ToolCallPart = { type: "tool-call", callId: "c1", name: "clock", inputText: "{}" };
const none = { steps: [], open: undefined, calls: [] };

test("a new run asks the model", () => {
  expect(nextStep(none, 20)).toMatchObject({ kind: "model", number: 1, attempt: 1 });
});

test("after tool results the model is asked again", () => {
  const steps = [step("model:1"), step("tool:c1")];
  expect(nextStep({ ...none, steps }, 20)).toMatchObject({ kind: "model", number: 2, attempt: 1 });
});

test("open calls are answered first", () => {
  const state = { ...none, steps: [step("model:1")], calls: [call] };
  expect(nextStep(state, 1)).toEqual({ kind: "tools", calls: [call] });
});

test("an interrupted model step is tried again under its number, three times in all", () => {
  const interrupted = (attempt: number) => ({ ...none, open, steps: [step("model:1", attempt)] });
  expect(nextStep(interrupted(1), 20)).toMatchObject({ kind: "model", number: 1, attempt: 2 });
  expect(nextStep(interrupted(2), 20)).toMatchObject({ kind: "model", number: 1, attempt: 3 });
  expect(nextStep(interrupted(3), 20)).toEqual({ kind: "give-up" });
});

test("the limit of model calls holds", () => {
  const steps = [step("model:1"), step("tool:c1"), step("model:2"), step("tool:c2")];
  expect(nextStep({ ...none, steps }, 2)).toEqual({ kind: "limit" });
});
