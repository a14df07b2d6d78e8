import type { BranchHead, ThreadHead, ThreadProfile } from "../../model/thread.ts";
import type { FileBegin } from "../../model/file-change.ts";
import type { Run, Step } from "../../model/run.ts";
import { text } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import { NO_COST, NO_USAGE } from "../../model/usage.ts";
import { create, existing, START } from "./fixture.ts";
import type { Change, ChangeOf } from "./fixture.ts";
import { branchAt, close, dequeue, enqueue, open, say } from "./message-fixture.ts";

/** A profile in which nothing is left at its default. */
export const WHOLE_PROFILE: Partial<ThreadProfile> = {
  title: "Ärger mit 🧵 and “quotes”",
  titleSource: "human",
  agentId: "assistant",
  kind: "sub-agent",
  metadata: {
    mood: "calm",
    nested: { list: [1, 2.5, -3, null, true], empty: {} },
    // A computed key makes a property of its own, as JSON.parse does.
    ["__proto__"]: { polluted: true },
    constructor: "a name like any other",
    "": "an empty key",
  },
  tags: ["red", "blue", "größer"],
  members: { bob: "viewer", carol: "editor", dave: "owner" },
  environment: { platform: "linux", node: "26.10.0" },
  state: { counter: 3 },
};

const RUN: Run = {
  id: "r1",
  agentId: "assistant",
  strategy: "enqueue",
  model: "compatible/stub",
  instructions: "Be short.",
  metadata: { source: "test" },
  threadId: "t",
  branch: MAIN,
  status: "queued",
  fence: 0,
  requestedBy: "alice",
  inputIds: [],
  turnId: "m1",
  createdAt: START,
  usage: NO_USAGE,
  cost: NO_COST,
};

const STEP: Step = {
  runId: "r1",
  key: "model:1",
  id: "s1",
  kind: "model",
  name: "compatible/stub",
  agentId: "assistant",
  attempt: 1,
  fence: 1,
  status: "running",
  messageId: "m2",
  startedAt: START,
};

const CHANGE: FileBegin = {
  phase: "begin",
  changeId: "fc1",
  workspace: "ws1",
  operationId: "r1:tool:c1",
  action: "write",
  edits: [
    {
      path: "docs/größe.md",
      before: null,
      after: { sha256: "a".repeat(64), sizeBytes: 3, mode: 0o644, isBinary: false, isKept: true },
    },
  ],
  folders: ["docs"],
  runId: "r1",
  callId: "c1",
};

const ANSWER: readonly Part[] = [
  text("Let me look."),
  {
    type: "tool-call",
    callId: "c1",
    name: "look",
    inputText: '{"at":"sky"}',
    input: { at: "sky" },
  },
];

const RESULT: Part = {
  type: "tool-result",
  callId: "c1",
  name: "look",
  outcome: "ok",
  output: { type: "json", value: { color: "blue", clouds: 0 } },
};

/** A log with every op except those that erase or trim. */
export const EVERY_OP: readonly Change[] = [
  create("t", WHOLE_PROFILE),
  { op: "thread.set", data: { title: "Renamed", titleSource: "human", agentId: "other" } },
  { op: "metadata.set", data: { values: { mood: "wild", added: [1, 2] } } },
  { op: "metadata.unset", data: { keys: ["added", ""] } },
  { op: "tag.add", data: { tags: ["green"] } },
  { op: "tag.remove", data: { tags: ["red"] } },
  { op: "thread.archive", data: {} },
  { op: "thread.unarchive", data: {} },
  { op: "member.set", data: { user: "erin", role: "viewer" } },
  { op: "member.remove", data: { user: "bob" } },
  { op: "link.add", data: { kind: "related", threadId: "elsewhere", data: { why: "same topic" } } },
  { op: "link.remove", data: { kind: "related", threadId: "elsewhere" } },
  { op: "state.patch", data: { patch: { counter: 4, seen: true } } },
  { op: "custom", data: { name: "poll", data: ["yes", "no"] } },
  say("m1", "What color is the sky?", {
    author: { kind: "user", id: "alice", name: "Alice" },
    metadata: { source: "web" },
    composedAt: START - 5_000,
    editOf: "m0",
  }),
  { op: "run.start", data: { run: RUN, holds: true } },
  {
    op: "run.update",
    data: {
      runId: "r1",
      event: "claim",
      run: { status: "running", fence: 1, owner: "worker", startedAt: START + 1 },
      holds: true,
    },
  },
  enqueue("q1", "And the sea?"),
  enqueue("q2", "Never mind."),
  { op: "step.start", data: { step: STEP } },
  open("m2", "r1"),
  close("m2", ANSWER, {
    reason: "requires_action",
    model: "compatible/stub",
    usage: { inputTokens: 12, outputTokens: 7, reasoningTokens: 2, cachedInputTokens: 3 },
    cost: { nanoDollars: 1_234_567, unpricedCalls: 1 },
  }),
  { op: "step.end", data: { step: { ...STEP, status: "completed", endedAt: START + 2 } } },
  {
    op: "approval.request",
    data: {
      runId: "r1",
      action: {
        id: "c1",
        kind: "approval",
        status: "waiting",
        callId: "c1",
        name: "pay",
        data: { risk: "low" },
        requestedAt: 1,
      },
    },
  },
  {
    op: "approval.decide",
    data: { runId: "r1", actionId: "c1", decision: { type: "approve" }, isDone: false },
  },
  { op: "run.signal", data: { runId: "r1", signalId: "s1", name: "paid", payload: { amount: 3 } } },
  say("m3", [RESULT], { role: "tool", runId: "r1", stepId: "s2" }),
  say("m4", "Blue.", { role: "assistant", status: "incomplete", reason: "max_tokens" }),
  {
    op: "run.end",
    data: {
      runId: "r1",
      event: "stop_short",
      run: {
        status: "incomplete",
        endedAt: START + 3,
        usage: { inputTokens: 20, outputTokens: 9 },
        cost: { nanoDollars: 2_000_000, unpricedCalls: 1 },
        error: { code: "limit_exceeded", message: "Too long." },
      },
    },
  },
  dequeue("q1"),
  { op: "message.dequeue", data: { messageId: "q2", branch: MAIN } },
  { op: "message.annotate", data: { messageId: "m1", values: { rating: 5 } } },
  (head) => branchAt("side", existing(head.branches[MAIN])),
  say("m5", "On the side.", { branch: "side" }),
  { op: "branch.rename", data: { from: "side", to: "aside" } },
  { op: "branch.remove", data: { name: "aside" } },
  moveMain,
  { op: "file.change", data: { ...CHANGE, previous: 0 } },
  { op: "file.change", data: { phase: "end", changeId: "fc1", outcome: "done", previous: 36 } },
  {
    op: "file.rollback",
    data: { ...CHANGE, changeId: "fc2", action: "rollback", undoes: ["fc1"], previous: 37 },
  },
  {
    op: "context.compact",
    data: {
      purpose: "summary",
      branch: MAIN,
      messageId: "m1",
      depth: 0,
      messages: 1,
      source: "b".repeat(64),
      text: "Somebody asks about the sky.",
      data: { topics: ["sky"] },
      style: "brief",
      isPartial: true,
      runId: "r1",
      model: "compatible/stub",
      usage: { inputTokens: 30, outputTokens: 6 },
      cost: { nanoDollars: 500, unpricedCalls: 0 },
      previous: 0,
    },
  },
  { op: "thread.delete", data: {} },
  { op: "thread.undelete", data: {} },
  say("m6", "Still here."),
];

/** Moves `main` back to its first message and keeps what was cut off. */
function moveMain({ profile, branches }: ThreadHead): ChangeOf<"branch.move"> {
  const main = existing(branches[MAIN]);
  const branch: BranchHead = {
    ...main,
    segment: { threadId: profile.id, number: 0 },
    position: 1,
    messageId: "m1",
    turnId: "m1",
    count: 1,
    isTip: false,
    pending: [],
  };
  const kept: BranchHead = { ...main, name: "main~1", reason: "cut", of: MAIN };
  const lastMessage = {
    id: "m1",
    role: "user",
    text: "What color is the sky?",
    at: START,
  } as const;
  return { op: "branch.move", data: { branch, kept, lastMessage } };
}
