import assert from "node:assert/strict";
import type { Action, Decision } from "../../model/action.ts";
import type { Part } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import { FORKS_AND_SEVERAL_THREADS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { provesForgotten, SECRET } from "./erasure-fixture.ts";
import { create, existing, extend, headOf, keyOf, makeWrite, START } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { close, open, originOf, redact, say } from "./message-fixture.ts";
import { endRun, startRun } from "./run-fixture.ts";
import { trim } from "./trim-fixture.ts";

const CALL: Part = {
  type: "tool-call",
  callId: "c1",
  name: "pay",
  inputText: `{"to":"${SECRET}"}`,
  input: { to: SECRET },
};

const APPROVED: Decision = { type: "approve", input: { to: SECRET } };

/** What runs ask about calls, and what they are told, is redacted with the message that has the call. */
export const ACTION_ERASURE_CASES: readonly ConformanceCase[] = [
  {
    name: "what a run asks about a call is forgotten with the message that has the call",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [...calling("r1"), request("a1"), request("a2", null)]);
      const head = await extend(store, "t", [redact("m1")]);
      assert.deepEqual(await headOf(store, "t"), head);
      const run = existing(await store.loadRun(keyOf("t"), "r1"));
      assert.deepEqual(
        run.actions?.map(({ id, status, redacted, data }) => [id, status, redacted, data]),
        [
          ["a1", "waiting", true, undefined],
          ["a2", "waiting", undefined, { to: "nobody" }],
        ],
      );
      await provesForgotten(store, ["t"], ["m1"]);
    },
  },
  {
    name: "what a run was told about a call is forgotten with the message that has the call",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [...calling("r1"), request("a1"), request("a2"), request("a3")]);
      await extend(store, "t", [
        decide("a1", APPROVED),
        decide("a2", { type: "output", output: { type: "json", value: SECRET } }),
        decide("a3", { type: "deny", reason: SECRET }),
      ]);
      const head = await extend(store, "t", [redact("m1")]);
      const run = existing(await store.loadRun(keyOf("t"), "r1"));
      assert.deepEqual(
        run.actions?.map(({ decision }) => decision),
        [
          { type: "approve" },
          { type: "output", output: { type: "text", text: "" } },
          { type: "deny" },
        ],
      );
      const entries = await store.listEntries(keyOf("t"), head.version - 4, 3);
      assert.deepEqual(
        entries.map(({ op }) => op),
        ["approval.decide", "approval.decide", "approval.decide"],
      );
      await provesForgotten(store, ["t"], ["m1"]);
    },
  },
  {
    name: "what a run that has ended asked about a call is forgotten in the log",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [...calling("r1"), request("a1"), decide("a1", APPROVED)]);
      await extend(store, "t", [say("m2", [ANSWER], { role: "tool" }), endRun("r1", BARE)]);
      await extend(store, "t", [redact("m1")]);
      await provesForgotten(store, ["t"], ["m1"]);
    },
  },
  {
    name: "what is asked and told about a call that was redacted before is not kept",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [...calling("r1"), request("a1"), redact("m1")]);
      const next = { op: "run.update", data: { runId: "r1", run: { actions: [] } } } as const;
      await extend(store, "t", [decide("a1", APPROVED)]);
      await extend(store, "t", [request("a2"), next]);
      const entries = await store.listEntries(keyOf("t"), 0, 100);
      assert.equal(entries.filter(({ op }) => op === "approval.request").length, 2);
      await provesForgotten(store, ["t"], ["m1"]);
    },
  },
  {
    name: "what runs ask about a call is forgotten in a log that begins with a trim",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [...calling("r1"), request("a0", null), request("a1")]);
      await extend(store, "t", [decide("a1", APPROVED), say("m2", [ANSWER], { role: "tool" })]);
      const trimmed = await trim(store, "t", { [MAIN]: "m1" });
      const [entry] = await store.listEntries(keyOf("t"), trimmed.version - 1, 1);
      assert.ok(entry?.op === "retention.trim");
      assert.deepEqual(entry.data.snapshot.activity.runs, trimmed.activity.runs);
      await extend(store, "t", [redact("m1")]);
      await provesForgotten(store, ["t"], ["m1"]);
    },
  },
  {
    name: "what a run asked about a call is forgotten when a fork's thread redacts the message",
    requires: FORKS_AND_SEVERAL_THREADS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [
        ...calling("r1"),
        request("a1"),
        decide("a1", APPROVED),
      ]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
      const writes = [fork, origin].map((head) =>
        makeWrite(keyOf(head.profile.id), head, [redact("m1")]),
      );
      assert.deepEqual(await store.commit([[{ writes }]]), [["committed"]]);
      await provesForgotten(store, ["t", "f"], ["m1"]);
    },
  },
];

const ANSWER: Part = {
  type: "tool-result",
  callId: "c1",
  name: "pay",
  outcome: "ok",
  output: { type: "text", text: "paid" },
};

/** As a run that ends leaves its actions. */
const BARE = {
  actions: [
    { ...newAction("a1"), callMessageId: "m1", status: "done", decision: { type: "approve" } },
  ],
} as const;

/** A thread whose run has called a tool in `m1`. */
function calling(runId: string): readonly Change[] {
  return [create("t"), say("m0", "pay"), startRun(runId), open("m1", runId), close("m1", [CALL])];
}

/** @param callMessageId  `null` for what is about no call */
function request(id: string, callMessageId: string | null = "m1"): Change {
  const words = { prompt: `Pay ${SECRET}?`, data: { arguments: { to: SECRET } } };
  const about =
    callMessageId === null ? { data: { to: "nobody" } } : { callId: "c1", callMessageId, ...words };
  return {
    op: "approval.request",
    data: { runId: "r1", action: { ...newAction(id), ...about } },
  };
}

function newAction(id: string): Action {
  return { id, kind: "approval", name: "pay", status: "waiting", requestedAt: START };
}

function decide(actionId: string, decision: Decision): Change {
  return {
    op: "approval.decide",
    data: { runId: "r1", actionId, decision, isDone: false, callMessageId: "m1" },
  };
}
