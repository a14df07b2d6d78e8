import type { AppendResult, Engine } from "../engine/engine.ts";
import { ERROR_CODES } from "../model/error-codes.ts";
import type { ErrorCode } from "../model/error-codes.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Message } from "../model/message.ts";
import { textOf } from "../model/part.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import { messagesOf, runOf, writeOptionsOf } from "./respond-input.ts";
import { runMessages } from "./run-messages.ts";
import type { RespondInput, Response } from "./skein.ts";
import { waitForRun } from "./wait-for-run.ts";

/** Stores the input and asks for a run, in one commit. */
export async function start(engine: Engine, input: RespondInput): Promise<Run> {
  if (input.signal?.aborted === true)
    throw new SkeinError("aborted", "The caller aborted the operation.");
  const { run } = await store(engine, input);
  if (run === undefined)
    throw new SkeinError("id_conflict", "The message was stored before, without a run.", {
      field: "input",
    });
  return run;
}

/** Waits until a run has ended, or somebody has to decide before it goes on, and answers with all that it wrote. A failed run
 *  is thrown as its error. */
export async function responseOf(
  engine: Engine,
  key: ThreadKey,
  runId: string,
  { userId, signal }: Pick<RespondInput, "userId" | "signal">,
): Promise<Response> {
  const run = await waitForRun(engine, key, runId, {
    orAction: true,
    ...(userId !== undefined && { userId }),
    ...(signal && { signal }),
  });
  if (run.status === "failed" || run.status === "expired") throw errorOf(run);
  const messages = await runMessages(engine.store, key, run);
  const { usage, cost } = run;
  return { threadId: key.id, run, messages, text: answerIn(messages), usage, cost };
}

/** The text of the last assistant message. */
export function answerIn(messages: readonly Pick<Message, "role" | "parts">[]): string {
  return textOf(messages.findLast(({ role }) => role === "assistant")?.parts ?? []);
}

async function store(engine: Engine, input: RespondInput): Promise<AppendResult> {
  const { threadId, branch } = input;
  const messages = messagesOf(input.input);
  const run = runOf(input);
  const options = writeOptionsOf(input);
  if (threadId === undefined) return engine.create({ messages, run }, options);
  const append = (): Promise<AppendResult> =>
    engine.append(threadId, { messages, run, ...(branch !== undefined && { branch }) }, options);
  const create = (): Promise<AppendResult> =>
    engine.create({ id: threadId, messages, run }, options);
  const mayCreate = input.ifMissing !== "error" && (branch === undefined || branch === "main");
  try {
    return await append();
  } catch (error) {
    // Under an idempotency key the first call may have been the one that created the thread.
    const isRepeated = isSkeinError(error, "op_conflict");
    if (!mayCreate || !(isSkeinError(error, "thread_not_found") || isRepeated)) throw error;
    try {
      return await create();
    } catch (second) {
      if (isRepeated) throw error;
      // Somebody created it in between.
      if (isSkeinError(second, "id_conflict")) return append();
      throw second;
    }
  }
}

export function errorOf({ id, threadId, status, error }: Run): SkeinError {
  const code = error?.code ?? "internal";
  const message = error?.message ?? `Run ${id} is ${status}.`;
  return new SkeinError(isErrorCode(code) ? code : "internal", message, {
    details: { run_id: id, thread_id: threadId },
  });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
