import { expect, test } from "vitest";
import type { Action } from "../model/action.ts";
import { callState, nextActionId } from "./call-state.ts";

const action = (change: Partial<Action>): Action => ({
  id: "c1",
  kind: "approval",
  status: "waiting",
  callId: "c1",
  name: "pay",
  requestedAt: 1,
  ...change,
});

const approved = action({ status: "decided", decision: { type: "approve" } });

test("a call is where the journal left it", () => {
  const phases = [
    [undefined, [], "new"],
    [{ attempt: 0 }, [], "ready"],
    [{ attempt: 1 }, [], "interrupted"],
    [undefined, [action({})], "waiting"],
    [undefined, [action({ callId: "c2" })], "new"],
    [undefined, [approved], "ready"],
    [{ attempt: 1 }, [{ ...approved, status: "done" }], "interrupted"],
    [{ attempt: 1 }, [action({ kind: "verify" })], "waiting"],
    [{ attempt: 1 }, [action({ status: "decided", decision: { type: "due" } })], "overdue"],
  ] as const;
  for (const [step, actions, phase] of phases)
    expect(callState("c1", step, actions)).toMatchObject({ phase });
});

test("what a person chose and answered stays with a call through all that is asked later", () => {
  const text = (value: string) => ({ type: "text", text: value }) as const;
  const actions = [
    action({ status: "done", decision: { type: "approve", input: { n: 1 } } }),
    action({
      id: "c1:2",
      kind: "input",
      status: "done",
      decision: { type: "output", output: text("A") },
    }),
    action({
      id: "c1:3",
      kind: "auth",
      status: "done",
      decision: { type: "output", output: text("B") },
    }),
    action({ id: "c1:4", kind: "verify", status: "decided", decision: { type: "approve" } }),
  ];
  expect(callState("c1", { attempt: 3 }, actions)).toEqual({
    phase: "ready",
    usedActionId: "c1:4",
    input: { n: 1 },
    answer: text("B"),
  });
});

test("an answer that is an error is told as one", () => {
  const decision = {
    type: "output",
    outcome: "error",
    output: { type: "text", text: "No." },
  } as const;
  const actions = [action({ kind: "external", status: "decided", decision })];
  expect(callState("c1", { attempt: 1 }, actions).answer).toEqual({ type: "error", text: "No." });
});

test("an action's id is the call's, counted on, and fit for an address", () => {
  expect(nextActionId("c1", [])).toBe("c1");
  expect(nextActionId("c1", [action({}), action({ id: "c1:2" })])).toBe("c1:3");
  expect(nextActionId("call/1 ü", [])).toBe("call_1__");
  expect(nextActionId("", [])).toBe("call");
  expect(nextActionId("x".repeat(500), [])).toHaveLength(120);
});
