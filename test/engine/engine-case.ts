import assert from "node:assert/strict";
import type { CallOptions, Engine, MessageInput, WriteOptions } from "../../src/engine/engine.ts";
import type { RunAction } from "../../src/model/command.ts";
import { isSkeinError } from "../../src/model/error.ts";
import type { Message } from "../../src/model/message.ts";
import { text, textOf } from "../../src/model/part.ts";
import type { Run } from "../../src/model/run.ts";
import { SEARCH } from "../../src/store/conformance/conformance-case.ts";
import type { Requirement } from "../../src/store/conformance/conformance-case.ts";
import type { Store } from "../../src/store/store.ts";

/** What the suite needs of whoever runs it. Everything that it opens is closed after the case. */
export interface EngineContext {
  /** An engine over a store of its own. */
  readonly openEngine: (wrap?: (store: Store) => Store) => Promise<Engine>;
  /** Another engine over the same data, as another process has it. */
  readonly openBeside: (engine: Engine) => Promise<Engine>;
}

/** One promise of the engine. Rejects with an `AssertionError` if it is broken. */
export interface EngineCase {
  /** A sentence in the present tense. Unique in the suite. */
  readonly name: string;
  /** What the store must be able to do for the promise to hold; absent: it always holds. */
  readonly requires?: Requirement;
  readonly run: (context: EngineContext) => Promise<void>;
}

/** A case that needs one engine. */
export function engineCase(name: string, run: (engine: Engine) => Promise<void>): EngineCase {
  return { name, run: async (context) => run(await context.openEngine()) };
}

/** A case about search. */
export function searchCase(name: string, run: (engine: Engine) => Promise<void>): EngineCase {
  return { ...engineCase(name, run), requires: SEARCH };
}

/** Proves how many hits a search has; where the store has no search, that it is refused. */
export async function provesHits(
  engine: Engine,
  text: string,
  count: number,
  options: CallOptions = {},
): Promise<void> {
  if (engine.store.capabilities.search)
    assert.equal((await engine.search({ text }, options)).items.length, count);
  else await refuses("unsupported_capability", () => engine.search({ text }, options));
}

/** What is asked of a search, where there is one. */
export function ifSearched<T>(engine: Engine, ...asked: readonly T[]): readonly T[] {
  return engine.store.capabilities.search ? asked : [];
}

/** A new thread with one message per text, said by turns. Answers its id. */
export async function talk(engine: Engine, ...said: readonly string[]): Promise<string> {
  const { thread } = await engine.create({});
  await say(engine, thread.id, ...said);
  return thread.id;
}

/** Appends one message per text, one after another: a person, an agent, a person … */
export async function say(
  engine: Engine,
  threadId: string,
  ...said: readonly string[]
): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (const [index, content] of said.entries()) {
    const role = index % 2 === 0 ? "user" : "assistant";
    const { messages: stored } = await engine.append(threadId, { messages: [{ role, content }] });
    messages.push(...stored);
  }
  return messages;
}

export function user(content: string, id?: string): MessageInput {
  return { role: "user", content, ...(id !== undefined && { id }) };
}

/** What a branch reads, as texts. */
export async function reads(
  engine: Engine,
  threadId: string,
  input: { readonly branch?: string; readonly at?: number } = {},
): Promise<readonly string[]> {
  const { messages } = await engine.messages(threadId, { limit: 200, ...input });
  return messages.map(({ parts }) => textOf(parts));
}

/** The id of the message with this text on a branch. */
export async function idOf(
  engine: Engine,
  threadId: string,
  said: string,
  branch = "main",
): Promise<string> {
  const { messages } = await engine.messages(threadId, { limit: 200, branch });
  return existing(messages.find(({ parts }) => textOf(parts) === said)).id;
}

/** A run on a thread, claimed, as a worker has it. */
export async function startRun(
  engine: Engine,
  threadId: string,
  content = "question",
  options: WriteOptions & { readonly branch?: string } = {},
): Promise<Run> {
  const { branch, ...rest } = options;
  const input = { messages: [user(content)], run: {}, ...(branch !== undefined && { branch }) };
  const { run } = await engine.append(threadId, input, rest);
  return engine.worker.claim("default", threadId, existing(run).id);
}

/** A report of the worker that has the run. */
export function progress(
  engine: Engine,
  { threadId, id: runId, fence }: Run,
  ...actions: readonly RunAction[]
): Promise<Run> {
  return engine.worker.progress("default", threadId, { runId, fence, actions });
}

/** The beginning of an answer. */
export function opening(id: string): RunAction {
  return { kind: "message.open", id, role: "assistant", author: { kind: "agent", id: "a" } };
}

/** What a worker does at the end: one answer, and the run is complete. */
export async function finish(engine: Engine, run: Run, answer = "answer"): Promise<void> {
  const id = `${run.id}.answer`;
  await progress(
    engine,
    run,
    opening(id),
    {
      kind: "message.commit",
      id,
      parts: [text(answer)],
      status: "completed",
      usage: { inputTokens: 10, outputTokens: 5 },
      cost: { nanoDollars: 7, unpricedCalls: 0 },
    },
    { kind: "run.event", event: "complete" },
  );
}

/** Proves that `work` is refused with this code, and with this field where one is given. */
export async function refuses(
  code: string,
  work: () => Promise<unknown>,
  field?: string,
): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    if (!isSkeinError(error)) throw error;
    assert.equal(error.code, code, error.message);
    if (field !== undefined) assert.equal(error.field, field);
    return true;
  });
}

export function existing<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined, "something that must be there is not");
  return value;
}

/** The first `count` of what an iterable yields. */
export async function take<T>(iterable: AsyncIterable<T>, count: number): Promise<readonly T[]> {
  const taken: T[] = [];
  if (count === 0) return taken;
  for await (const item of iterable) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_none, index) => index);
}
