import { SkeinError, isSkeinError } from "../../model/error.ts";
import type { RunAction } from "../../model/command.ts";
import type { Json } from "../../model/json.ts";
import type { Run, Step, StepKind } from "../../model/run.ts";
import { isNotOurs } from "../not-ours.ts";
import type { RunContext } from "../run-context.ts";
import type { FlowResult } from "./handler.ts";

/** What a handler works in: a run of an agent, whose model it may not need. */
export type FlowRun = Omit<RunContext, "model">;

/** How one call of a handler ended. */
export type FlowOutcome =
  | { readonly kind: "returned"; readonly result: FlowResult }
  | { readonly kind: "failed"; readonly error: unknown }
  /** All that it does is to wait. */
  | { readonly kind: "waits" }
  | { readonly kind: "continues"; readonly input: Json }
  /** The run belongs to somebody else, or the store does not answer. */
  | { readonly kind: "lost"; readonly error: unknown }
  | { readonly kind: "stopped" };

/** Of an operation that has to wait for the world. */
export const WAITING: unique symbol = Symbol("waiting");

const KEY = /^[A-Za-z0-9._:-]{1,96}$/;
const STORE_AWAY = ["store_unavailable", "store_closed", "store_busy", "store_full"] as const;

/** One call of a handler: which keys it has used, what is under way, and how it ends. */
export class FlowSession {
  readonly flow: FlowRun;
  /** As it was when the call began. */
  readonly run: Run;
  readonly #before: ReadonlyMap<string, Step>;
  readonly #used = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #commits = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #ended = Promise.withResolvers<FlowOutcome>();
  #atWork = 0;
  #waits = 0;
  #leaving: FlowOutcome | undefined;
  #isOver = false;
  #speaker: string | undefined;

  constructor(flow: FlowRun, run: Run, steps: readonly Step[]) {
    this.flow = flow;
    this.run = run;
    this.#before = new Map(steps.map((step) => [step.key, step]));
    const { signal } = flow.stop;
    if (signal.aborted) this.end({ kind: "stopped" });
    signal.addEventListener("abort", () => this.end({ kind: "stopped" }), {
      signal: this.#stop.signal,
    });
  }

  /** Fires when the call is over, however it ended. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** How the call ended; by then nothing is written any more. */
  async outcome(): Promise<FlowOutcome> {
    const outcome = await this.#ended.promise;
    await Promise.allSettled(this.#commits);
    return outcome;
  }

  /** Ends the call now. The first end counts. */
  end(outcome: FlowOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended.resolve(outcome);
    this.#stop.abort();
  }

  /** Ends the call when what is under way is done. */
  leave(outcome: FlowOutcome): void {
    this.#leaving ??= outcome;
    this.#look();
  }

  /** Does something for the handler. What waits never settles; nor does anything once the call is over. */
  perform<T>(work: () => Promise<T | typeof WAITING>): Promise<T> {
    this.#atWork += 1;
    return new Promise((resolve, reject) => {
      const done = (tell: () => void): void => {
        if (this.#isOver) return;
        this.#atWork -= 1;
        tell();
        this.#look();
      };
      work().then(
        (value) =>
          done(() => {
            if (value === WAITING) this.#waits += 1;
            else resolve(value);
          }),
        (error: unknown) => {
          if (isLost(error)) this.end({ kind: "lost", error });
          else done(() => reject(error));
        },
      );
    });
  }

  /** Writes to the journal, unless the call is over. */
  async commit(actions: readonly RunAction[]): Promise<void> {
    if (this.#isOver) return never();
    const commit = this.flow.journal.commit(actions);
    this.#commits.add(commit);
    try {
      await commit;
    } finally {
      this.#commits.delete(commit);
    }
  }

  /** Takes a key for good, and answers what the journal has under it.
   *  @throws SkeinError  `invalid_request` for a key that was used before, or for something else */
  use(key: string, kind: StepKind, name: string): Step | undefined {
    if (typeof key !== "string" || !KEY.test(key))
      throw invalid(`A key must be 1 to 96 characters of A-Z a-z 0-9 . _ : -, not ${String(key)}.`);
    if (this.#used.has(key))
      throw invalid(`The key ${key} was used before. A handler uses each key once in a segment.`);
    this.#used.add(key);
    const before = this.#before.get(stepKey(key));
    if (before === undefined || (before.kind === kind && before.name === name)) return before;
    throw invalid(
      `The key ${key} was a ${before.kind} ${before.name} before, and is a ${kind} ${name} now. A handler must do the same ` +
        "when it is called again; a changed one begins with other keys.",
    );
  }

  /** True while the journal has answers that the handler has not asked for: it repeats what it did before. */
  get isBehind(): boolean {
    for (const { key, status } of this.#before.values())
      if (status === "completed" && key.startsWith(PREFIX) && !this.#used.has(key.slice(5)))
        return true;
    return false;
  }

  /** Marks a signal as used by a wait of this call; false when another one has it. */
  take(signalId: string): boolean {
    if (this.#taken.has(signalId)) return false;
    this.#taken.add(signalId);
    return true;
  }

  /** One agent speaks at a time.
   *  @throws SkeinError  `invalid_request` while another one does */
  async speak<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#speaker !== undefined)
      throw invalid(`${key} cannot write to the branch while ${this.#speaker} does.`);
    this.#speaker = key;
    try {
      return await work();
    } finally {
      this.#speaker = undefined;
    }
  }

  /** The journal's record of something that the handler does. */
  step(key: string, kind: StepKind, name: string, before?: Step): Step {
    const { services, agent, run } = this.flow;
    return {
      runId: run.id,
      key: stepKey(key),
      id: before?.id ?? services.ids("step"),
      kind,
      name,
      agentId: agent.name,
      attempt: (before?.attempt ?? 0) + 1,
      fence: run.fence,
      status: "running",
      ...(run.owner !== undefined && { worker: run.owner }),
      segment: this.run.segment ?? 0,
      ...(before?.messageId !== undefined && { messageId: before.messageId }),
      ...(before?.called && { called: before.called }),
      startedAt: services.clock(),
    };
  }

  completed(step: Step, output?: Json): RunAction {
    const endedAt = this.flow.services.clock();
    const came = output === undefined ? {} : { output };
    return { kind: "step.end", step: { ...step, status: "completed", endedAt, ...came } };
  }

  #look(): void {
    if (this.#isOver || this.#atWork > 0) return;
    if (this.#leaving !== undefined) return this.end(this.#leaving);
    if (this.#waits === 0) return;
    // After the microtasks: the handler may go on with what it was just told.
    setImmediate(() => {
      if (this.#atWork === 0) this.end(this.#leaving ?? { kind: "waits" });
    });
  }
}

const PREFIX = "flow:";

export function stepKey(key: string): string {
  return PREFIX + key;
}

/** Settles as little as the call that it is part of. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

function isLost(error: unknown): boolean {
  return isNotOurs(error) || STORE_AWAY.some((code) => isSkeinError(error, code));
}

export function invalid(message: string): SkeinError {
  return new SkeinError("invalid_request", message);
}
