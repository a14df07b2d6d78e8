import type { Engine } from "../engine/engine.ts";
import { SkeinError } from "../model/error.ts";
import type { Message } from "../model/message.ts";
import { isFinal } from "../model/message.ts";
import type { Part } from "../model/part.ts";
import { isEnded } from "../model/run-transitions.ts";
import type { Run, Step } from "../model/run.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";
import { RunFeed } from "./run-feed.ts";
import { closingMessages, writtenMessages } from "./run-messages.ts";
import { advanced, readPosition, RUN_START, writeEnd, writePosition } from "./run-position.ts";
import type { RunPosition } from "./run-position.ts";
import type { RunStreamEvent } from "./skein.ts";

export interface RunStreamOptions {
  readonly userId?: string;
  readonly position?: string;
  readonly signal?: AbortSignal;
}

/** The events of a run from a position on. What was stored is replayed, what comes is passed on, and the position says which
 *  characters the reader has: none is skipped and none is repeated, whenever and wherever it reconnects. Ends with the run,
 *  or quietly when the signal fires. */
export async function* runStream(
  engine: Engine,
  key: ThreadKey,
  runId: string,
  options: RunStreamOptions = {},
): AsyncGenerator<RunStreamEvent, void, undefined> {
  const { userId, signal } = options;
  const caller = userId === undefined ? {} : { userId };
  const start = options.position === undefined ? RUN_START : readPosition(options.position);
  const { version: after } = await engine.get(key.id, caller);
  await engine.run(key.id, runId, caller);
  const feed = new RunFeed({ engine, key, runId, after, userId, signal });
  try {
    yield* read({ engine, key, runId, feed, signal }, start);
  } finally {
    await feed.close();
  }
}

interface Source {
  readonly engine: Engine;
  readonly key: ThreadKey;
  readonly runId: string;
  readonly feed: RunFeed;
  readonly signal: AbortSignal | undefined;
}

/** Moves on with every event, so that its position is that of the last one. */
interface Cursor {
  position: RunPosition;
}

async function* read(
  source: Source,
  start: RunPosition | "end",
): AsyncGenerator<RunStreamEvent, void, undefined> {
  const { engine, key, runId, feed, signal } = source;
  const { store } = engine;
  const cursor: Cursor = { position: start === "end" ? RUN_START : start };
  const passed = new Set<string>();
  let skip = cursor.position.step;
  let depth: number | null = null;
  let told: string | undefined;
  for (let hasGap = false; ;) {
    await feed.beginReading();
    // The run before its steps: once it has ended, the steps are all there.
    const run = await store.loadRun(key, runId);
    if (run === null) throw new SkeinError("run_not_found", `There is no run ${runId}.`);
    const isOver = isEnded(run.status);
    if (start === "end" && isOver) return yield endOf(run);
    // The end tells that the run has ended, behind everything that it wrote.
    const news = newsOf(run);
    if (news !== told && !isOver) yield { type: "run", run, position: at(cursor) };
    told = news;
    const steps = await store.listSteps(key, runId);
    const behind: boolean = hasGap;
    hasGap = false;
    for (const { message, attempt } of await writtenMessages(
      store,
      key,
      { ...run, steps },
      passed,
    )) {
      // A run writes without a break. What is not there was decided after the run was read.
      hasGap = !behind && depth !== null && message.depth !== depth + 1;
      if (hasGap) break;
      if (!isFinal(message.status)) {
        yield* writing(source, run, message.id, cursor);
        break;
      }
      passed.add(message.id);
      depth = message.depth;
      if (skip > 0) skip -= 1;
      else yield* written(message, attempt, cursor);
    }
    if (isAborted(signal)) return;
    if (hasGap) continue;
    if (isOver) return yield* ending(source, run, steps, { passed: passed.size, skip }, cursor);
    if (!feed.isChanged) await feed.wait();
    if (isAborted(signal)) return;
  }
}

/** What a reader is told of the run itself: a change of it is worth an event. */
function newsOf({ status, agentId, customStatus, actions = [] }: Run): string {
  const asked = actions.map((action) => [action.id, action.status]);
  return JSON.stringify([status, agentId, customStatus, asked]);
}

/** A message that is there whole: what the reader lacks of its text, and the message. */
function* written(
  message: Message,
  attempt: number,
  cursor: Cursor,
): Generator<RunStreamEvent, void, undefined> {
  yield* reset(cursor, message.id, attempt);
  for (const [index, part] of message.parts.entries()) {
    const streamed = streamedOf(part);
    const known = cursor.position.offsets[index];
    if (streamed === undefined || streamed.text.length < (known ?? 0)) continue;
    // A part without text shows itself once, if it has a name to show.
    if (streamed.text.length === known || (streamed.text === "" && !("name" in streamed))) continue;
    yield delta(cursor, { ...streamed, part: index, messageId: message.id, offset: 0 });
  }
  cursor.position = { step: cursor.position.step + 1, attempt: 0, offsets: [] };
  yield { type: "message", message, position: at(cursor) };
}

/** A message that is being written: its chunks, until the journal changes. */
async function* writing(
  { engine, key, feed }: Source,
  run: Run,
  messageId: string,
  cursor: Cursor,
): AsyncGenerator<RunStreamEvent, void, undefined> {
  const isElsewhere = run.owner !== engine.store.instance;
  let live: readonly Chunk[] | undefined;
  for (;;) {
    const chunks = live ?? (await engine.worker.listChunks(key.tenant, key.id, messageId));
    let hasGap = false;
    for (const chunk of chunks) {
      if (chunk.messageId !== messageId || chunk.attempt < cursor.position.attempt) continue;
      const isNew = chunk.attempt > cursor.position.attempt;
      const known = isNew ? undefined : cursor.position.offsets[chunk.part];
      if (known !== undefined && chunk.offset + chunk.text.length <= known) continue;
      hasGap ||= chunk.offset > (known ?? 0);
      if (hasGap) break;
      yield* reset(cursor, messageId, chunk.attempt);
      yield delta(cursor, chunk);
    }
    if (feed.isChanged) return;
    if (hasGap && live !== undefined) {
      live = undefined;
      continue;
    }
    await (isElsewhere ? feed.waitForOther() : feed.wait());
    // Before anything is passed on: the change may be that the reader was removed.
    if (feed.isChanged) return;
    live = feed.takeChunks();
    // Of another process comes no more than its bus brings.
    if (isElsewhere && live?.length === 0) live = undefined;
  }
}

/** The results that the end of the run gave, and the end. */
async function* ending(
  { engine, key }: Source,
  run: Run,
  steps: readonly Step[],
  seen: { readonly passed: number; readonly skip: number },
  cursor: Cursor,
): AsyncGenerator<RunStreamEvent, void, undefined> {
  const { store } = engine;
  const all = await writtenMessages(store, key, { ...run, steps });
  const messages = all.map(({ message }) => message);
  const closing = await closingMessages(store, key, run, messages);
  for (const message of closing.slice(seen.skip)) yield* written(message, 0, cursor);
  yield endOf(run);
}

/** Lets the reader drop what an earlier attempt wrote, if it has any of it. */
function* reset(
  cursor: Cursor,
  messageId: string,
  attempt: number,
): Generator<RunStreamEvent, void, undefined> {
  const before = cursor.position;
  if (before.attempt === attempt) return;
  cursor.position = { step: before.step, attempt, offsets: [] };
  if (before.attempt > 0) yield { type: "attempt-reset", messageId, attempt, position: at(cursor) };
}

type Streamed = Pick<Chunk, "kind" | "callId" | "name" | "text">;

/** What the reader lacks of a piece that begins at `offset`. */
function delta(
  cursor: Cursor,
  piece: Streamed & Pick<Chunk, "messageId" | "part" | "offset">,
): RunStreamEvent {
  const { messageId, part, kind, callId, name } = piece;
  const known = cursor.position.offsets[part] ?? 0;
  cursor.position = advanced(cursor.position, part, piece.offset + piece.text.length);
  return {
    type: "delta",
    messageId,
    attempt: cursor.position.attempt,
    part,
    kind,
    ...(callId !== undefined && { callId }),
    ...(name !== undefined && { name }),
    offset: known,
    text: piece.text.slice(known - piece.offset),
    position: at(cursor),
  };
}

function streamedOf(part: Part): Streamed | undefined {
  switch (part.type) {
    case "text":
    case "refusal":
      return { kind: "text", text: part.text };
    case "reasoning":
      return { kind: "reasoning", text: part.text };
    case "tool-call":
      return { kind: "tool-input", callId: part.callId, name: part.name, text: part.inputText };
    default:
      return undefined;
  }
}

function endOf(run: Run): RunStreamEvent {
  return { type: "end", run, position: writeEnd() };
}

function at(cursor: Cursor): string {
  return writePosition(cursor.position);
}

// A call, because the compiler does not expect the signal to change during a wait.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
