import type { Json, JsonObject } from "./json.ts";
import type { ToolOutput } from "./part.ts";

/** What a run can wait for:
 *  `approval`    a person allows a tool call, or not
 *  `tool_output` the caller carries a tool out and brings its output
 *  `input` `auth` `external`  a tool has suspended itself: for words, for a sign-in, for something outside
 *  `verify`      an unsafe tool was interrupted: a person says whether it was carried out
 *  `run`         a run of another agent, which this one called
 *  `event`       an event of this name, sent to the run
 *  `timer`       a time */
export type ActionKind =
  | "approval"
  | "tool_output"
  | "input"
  | "auth"
  | "external"
  | "verify"
  | "run"
  | "event"
  | "timer";

/** Something that a run waits for. Nothing waits in memory: it stands in the run until it is decided and used. */
export interface Action {
  /** Unique in the run: the id of the tool call, or what the run chose. */
  readonly id: string;
  readonly kind: ActionKind;
  /** `waiting`, `decided` but not yet used by the run, `done`. */
  readonly status: "waiting" | "decided" | "done";
  /** The tool call that it is about. */
  readonly callId?: string;
  /** The message with that call. Its redaction takes along what this says of the call. */
  readonly callMessageId?: string;
  /** True once that message is redacted: `prompt`, `data` and what a decision brings are gone. */
  readonly redacted?: true;
  /** Name of the tool, the agent, or the event. */
  readonly name: string;
  /** What to ask a person. Gone when the run has ended, like `data` and what decisions bring. */
  readonly prompt?: string;
  /** Whatever helps to decide: arguments, a form, an address to sign in at; of a `run` its thread and id. */
  readonly data?: JsonObject;
  readonly requestedAt: number;
  /** When it decides itself: for a `timer` the time, for others how long they wait. Milliseconds since the epoch. */
  readonly dueAt?: number;
  readonly decision?: Decision;
  readonly decidedBy?: string;
  readonly decidedAt?: number;
  /** The message that the decision put into the thread, where it answers the call by itself. */
  readonly messageId?: string;
}

export type Decision =
  /** Goes on; for `approval` with other arguments when `input` is there, for `verify` once more. */
  | { readonly type: "approve"; readonly input?: Json }
  | { readonly type: "deny"; readonly reason?: string }
  | {
      readonly type: "output";
      /** Default `ok`. */
      readonly outcome?: "ok" | "error";
      readonly output: ToolOutput;
    }
  /** Its time is over. */
  | { readonly type: "due" };

/** What can be said to each kind by somebody outside of the run. */
export const DECISIONS: Readonly<Record<ActionKind, readonly Decision["type"][]>> = {
  approval: ["approve", "deny"],
  tool_output: ["output", "deny"],
  input: ["output", "deny"],
  auth: ["output", "deny"],
  external: ["output", "deny"],
  verify: ["approve", "deny", "output"],
  run: [],
  event: [],
  timer: [],
};

/** True for what a person, or the caller, is waited for. */
export function isForPerson({ kind, status }: Pick<Action, "kind" | "status">): boolean {
  return status === "waiting" && DECISIONS[kind].length > 0;
}

/** True for a repetition: the same decision, with the same arguments in whatever order. Reasons and outputs are not compared; of
 *  an output the thread has only the first.
 *  @param isBare  the old one is without its arguments, so they are not compared either */
export function isSameDecision(
  old: Decision | undefined,
  decision: Decision,
  isBare: boolean,
): boolean {
  if (old?.type !== decision.type) return false;
  if (isBare) return true;
  const argumentsOf = ({ type, ...rest }: Decision): string =>
    type === "approve" ? sortedJson(rest) : "";
  return argumentsOf(old) === argumentsOf(decision);
}

function sortedJson(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** An event that was sent to a run and that it has not taken yet. Its payload is in the log. */
export interface Signal {
  readonly id: string;
  readonly name: string;
  /** Version of its `run.signal` entry. */
  readonly version: number;
}
