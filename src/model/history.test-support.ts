import fc from "fast-check";
import type { MultitaskStrategy } from "./run.ts";
import type { RunEvent } from "./run-transitions.ts";

/** What somebody does next. Numbers pick one of what there is at that moment, so that every history makes sense. */
export type Move =
  | {
      readonly kind: "say";
      readonly shape: Shape;
      readonly branch: number;
      readonly parent: ParentChoice;
      readonly pick: number;
      readonly run: MultitaskStrategy | "none";
      readonly isGivenId: boolean;
    }
  | { readonly kind: "edit"; readonly branch: number; readonly pick: number; readonly run: boolean }
  | {
      readonly kind: "truncate" | "regenerate" | "branch.at";
      readonly branch: number;
      readonly pick: number;
    }
  | { readonly kind: "branch" | "rename" | "remove"; readonly branch: number }
  | {
      readonly kind: "claim" | "cancel" | "decide" | "signal" | "discard" | "redact" | "annotate";
      readonly pick: number;
    }
  | {
      readonly kind: "work";
      readonly pick: number;
      readonly acts: readonly Act[];
      readonly isLate: boolean;
    }
  | { readonly kind: "set"; readonly pick: number; readonly by: "auto" | "human" }
  | { readonly kind: "restore" | "trim"; readonly pick: number }
  | { readonly kind: "fork"; readonly branch: number; readonly pick: number }
  | { readonly kind: "thread"; readonly pick: number }
  | { readonly kind: "archive" | "unarchive" | "delete" | "undelete" | "custom" | "batch" };

export type ParentChoice = "absent" | "head" | "any" | "root" | "queued";

/** What is said in one append. */
export type Shape = (typeof SHAPES)[number];
const SHAPES = [
  "user",
  "user",
  "users",
  "system",
  "wordless",
  "answer",
  "turn",
  "call",
  "calls",
  "tool-turn",
  "half-answered",
  "inline",
  "result",
  "results",
  "unknown-result",
  "results-then-user",
  "misplaced",
] as const;

/** What a worker reports in one commit. */
export type Act = (typeof ACTS)[number] | RunEvent;
const ACTS = [
  "next",
  "open",
  "commit",
  "commit-calls",
  "result",
  "results",
  "step",
  "ask",
  "ask",
  "wait",
  "continue",
] as const;
const EVENTS: readonly RunEvent[] = ["complete", "fail", "stop_short", "require_action", "cancel"];

const number = fc.nat({ max: 1_000 });
const pick = number;
const branch = number;

const say = fc.record({
  kind: fc.constant("say" as const),
  shape: fc.constantFrom(...SHAPES),
  branch: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: number }),
  parent: fc.constantFrom<ParentChoice>("absent", "absent", "head", "any", "any", "root", "queued"),
  pick,
  run: fc.constantFrom<MultitaskStrategy | "none">(
    ...Array.from({ length: 8 }, () => "none" as const),
    "enqueue",
    "enqueue",
    "reject",
    "interrupt",
    "rollback",
  ),
  isGivenId: fc.boolean(),
});

// Mostly what a turn does next, and now and then anything.
const acts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<readonly Act[]>(["next"], ["next", "next"]) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<readonly Act[]>(
      ["open"],
      ["commit-calls"],
      ["result"],
      ["ask", "ask", "wait"],
      ["ask"],
    ),
  },
  { weight: 2, arbitrary: fc.array(fc.constantFrom<Act>(...ACTS, ...EVENTS), { maxLength: 4 }) },
);

const work = fc.record({
  kind: fc.constant("work" as const),
  pick,
  acts,
  isLate: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 30, arbitrary: say },
  { weight: 40, arbitrary: work },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "claim",
        "cancel",
        "cancel",
        "decide",
        "decide",
        "signal",
        "discard",
        "redact",
        "annotate",
      ),
      pick,
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom("truncate", "regenerate", "branch.at"),
      branch,
      pick,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("edit" as const), branch, pick, run: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom("branch", "rename", "remove"), branch }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      pick,
      by: fc.constantFrom("auto", "human"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("restore" as const), pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("trim" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("fork" as const), branch, pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("thread" as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("archive", "unarchive", "delete", "undelete", "custom", "batch"),
    }),
  },
);

/** What happens to a thread and its forks over time. */
export const histories: fc.Arbitrary<readonly Move[]> = fc.array(move, {
  maxLength: 60,
  size: "max",
});
