import type { ToolOutput } from "../../model/part.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Message, Role } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import type { SharedState } from "../shared-state.ts";

/** An agent that is a function instead of a model.
 *
 *  It is called again from its beginning whenever the run goes on: after a crash, and after it waited. What it did through its
 *  context is not done again; every call answers what it answered before, by its key. So it must call the same keys for the
 *  same answers, do everything that acts on the world inside of `step`, and take time and chance from there.
 *
 *  What it returns is the run's last message. An error that it throws fails the run. */
export type AgentHandler = (context: FlowContext) => Promise<FlowResult> | FlowResult;

/** The last message of the run: its text or its parts. Nothing, when everything was said. */
export type FlowResult = string | readonly Part[] | undefined | void;

/** What a handler works with. Keys are 1 to 96 of `[A-Za-z0-9._:-]` and each is used once in a segment; used twice, or for
 *  something else than before, is `invalid_request`.
 *
 *  A call that has to wait for the world never settles in this process. When nothing else is under way the run waits without
 *  a worker, and the handler is called again when it can go on. So `Promise.all` waits for several things at once; what is
 *  under way outside of the context then is cut off. */
export interface FlowContext {
  readonly tenant: string;
  readonly threadId: string;
  readonly runId: string;
  readonly branch: string;
  /** Who asked for the run. */
  readonly userId: string;
  readonly agentName: string;
  /** Fires when the run is to stop. */
  readonly signal: AbortSignal;
  /** How often the run went on after it had waited, or continued anew. */
  readonly segment: number;
  /** What the run was given: by who asked for it, or by the segment before. */
  readonly input: Json | undefined;
  /** What the branch says now, oldest first; not journaled.
   *  @param limit  the newest so many, 1 to 200, default 50 */
  readonly messages: (options?: { readonly limit?: number }) => Promise<readonly Message[]>;
  /** Says something in the thread, once. Answers the message's id. */
  readonly append: (key: string, message: FlowMessage) => Promise<string>;
  /** Does something and remembers what came of it, at most 32 KiB of JSON. What was interrupted is done again, unless it is
   *  `unsafe`: then a person is asked what happened. A failure is remembered, too, and thrown as `step_failed`. */
  readonly step: <T extends Json | undefined | void>(
    key: string,
    work: (step: FlowStepContext) => Promise<T> | T,
    options?: FlowStepOptions,
  ) => Promise<T>;
  /** Waits for an event of this name, sent to the run before or after, and takes it. Answers `undefined` when none came in time. */
  readonly waitForEvent: (
    key: string,
    name: string,
    options?: { readonly timeoutMs?: number },
  ) => Promise<FlowEvent | undefined>;
  /** Waits for a time, without a worker. */
  readonly sleep: (key: string, durationMs: number) => Promise<void>;
  /** Asks a person, and waits for the answer. */
  readonly ask: (key: string, question: FlowQuestion) => Promise<FlowAnswer>;
  /** Another agent answers what the branch says, in this thread and run, and under its own name. One at a time. That it fails
   *  fails the run. */
  readonly runAgent: (
    key: string,
    agentName: string,
    options?: FlowTurnOptions,
  ) => Promise<FlowTurn>;
  /** Another agent does a task in a thread of its own, which sees nothing of this one. Several can be called at once. That it
   *  fails is an answer, too. */
  readonly callAgent: (
    key: string,
    agentName: string,
    task: string,
    options?: FlowCallOptions,
  ) => Promise<CalledAgent>;
  /** Says how the run gets on; read as `customStatus` of the run. At most 16 KiB. */
  readonly setStatus: (status: Json) => Promise<void>;
  /** What the agents of the thread share. Not journaled: a handler that is called again changes it again. */
  readonly state: SharedState;
  /** Changes what the agents of the thread share, once.
   *  @param change  answers a merge patch (`null` removes a key); called again when somebody else changed the state meanwhile */
  readonly updateState: (key: string, change: (state: JsonObject) => JsonObject) => Promise<void>;
  /** Goes on with a new journal and this input, at most 32 KiB, so that a run can last. Never settles. */
  readonly continueAs: (input: Json) => Promise<never>;
}

export interface FlowMessage {
  /** Default `assistant`, and the agent is its author. A message of role `user` is said by who asked for the run, unless `author`
   *  names somebody. */
  readonly role?: Exclude<Role, "tool">;
  readonly content: string | readonly Part[];
  readonly author?: string;
  readonly metadata?: JsonObject;
}

export interface FlowStepContext {
  /** 1, or more when it was interrupted before. */
  readonly attempt: number;
  /** The same in every attempt. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

export interface FlowStepOptions {
  /** Default `idempotent`. */
  readonly effect?: "idempotent" | "unsafe";
  /** For people; default: the key. */
  readonly name?: string;
}

export interface FlowEvent {
  readonly name: string;
  readonly payload: Json;
}

export interface FlowQuestion {
  readonly prompt: string;
  /** Default `input`. */
  readonly kind?: "input" | "auth" | "external";
  readonly data?: JsonObject;
  readonly timeoutMs?: number;
}

/** `denied` by a person, `due` when nobody answered in time. */
export type FlowAnswer =
  | { readonly status: "answered"; readonly output: ToolOutput }
  | { readonly status: "denied"; readonly reason?: string }
  | { readonly status: "due" };

export interface FlowTurnOptions {
  /** Instead of the agent's. */
  readonly instructions?: string;
}

export interface FlowCallOptions {
  /** The thread begins with what this one says, and the task is its title only. Default false. */
  readonly withHistory?: boolean;
}

/** What an agent said. */
export interface FlowTurn {
  readonly messageId: string;
  /** Of its last message. */
  readonly text: string;
}

/** What an agent came to in a thread of its own. */
export interface CalledAgent {
  readonly threadId: string;
  readonly runId: string;
  /** `completed`, or how else its run ended; `deleted` with its thread. */
  readonly status: "completed" | "failed" | "cancelled" | "incomplete" | "expired" | "deleted";
  /** Its last message, or what went wrong. */
  readonly text: string;
}
