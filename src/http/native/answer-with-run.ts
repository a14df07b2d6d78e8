import type { AppendResult } from "../../engine/engine.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { Message } from "../../model/message.ts";
import { textOf } from "../../model/part.ts";
import { isEnded } from "../../model/run-transitions.ts";
import type { Run } from "../../model/run.ts";
import { ANSWER_EVENT } from "../../protocol/event-names.ts";
import type { WirePosted, WireReply } from "../../protocol/answer.ts";
import type { Reply } from "../reply.ts";
import { encodeFrame, streamEvents } from "../sse.ts";
import type { Call } from "./call.ts";
import { messageToWire } from "./message-to-wire.ts";
import { etagOf, json } from "./respond.ts";
import { runEventToWire, runToWire } from "./run-to-wire.ts";
import { untilShutOut } from "./shut-out.ts";

type AnyCall = Pick<
  Call<string, unknown, unknown>,
  "skein" | "reading" | "request" | "bindings" | "wantsEvents"
>;

export interface Asked {
  readonly result: AppendResult;
  readonly wait: boolean | undefined;
  /** The answer's body, without the reply. `isOver` after waiting for the run's end: then the messages are as they are now. */
  readonly body: (
    messages: readonly Message[],
    run: Run | undefined,
    isOver: boolean,
  ) => object | Promise<object>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a write that may have started a run, in the way the client wants: at once, at the run's end, or as events. The run goes on
 *  if the client leaves. */
export async function answerWithRun(call: AnyCall, asked: Asked): Promise<Reply | Response> {
  const { thread, messages, run } = asked.result;
  const headers = { ...etagOf(thread.version), ...asked.headers };
  if (run === undefined) {
    const reply = asked.wait === true ? { reply: null } : {};
    return json({ ...(await asked.body(messages, undefined, false)), ...reply }, 201, headers);
  }
  if (call.wantsEvents && call.request.method !== "HEAD")
    return streamRun(call, run, await asked.body(messages, run, false), headers);
  if (asked.wait !== true) return json(await asked.body(messages, run, false), 201, headers);
  const ended = await endOf(call, run, messages[0]?.id);
  const reply = await replyOf(call, ended);
  const now = await Promise.all(messages.map((message) => reread(call, message)));
  // The thread moved on while the run went: its version at the start is no longer its ETag.
  return json({ ...(await asked.body(now, ended, true)), reply }, 201, asked.headers);
}

/** A message as it is now: what was queued has its place. One that was taken back meanwhile is answered as it was. */
async function reread({ skein, reading }: AnyCall, message: Message): Promise<Message> {
  try {
    return await skein.message(message.threadId, message.id, reading);
  } catch (error) {
    if (isSkeinError(error, "message_not_found")) return message;
    throw error;
  }
}

function streamRun(
  { skein, reading, bindings }: AnyCall,
  run: Run,
  accepted: object,
  headers: Readonly<Record<string, string>>,
): Response {
  const options = { status: 201, headers, closing: bindings?.closing };
  return streamEvents(bindings, options, async (sink) => {
    sink.write(encodeFrame({ event: ANSWER_EVENT.accepted, data: accepted }));
    const events = skein.runStream(run.threadId, run.id, { ...reading, signal: sink.closed });
    await untilShutOut(sink, async () => {
      for await (const event of events) {
        const data = runEventToWire(run.id, event);
        if (!sink.write(encodeFrame({ event: event.type, id: event.position, data }))) return;
        await sink.drained();
      }
    });
  });
}

/** The run as it ended.
 *  @param messageId  the message that was stored for it
 *  @throws SkeinError  `overloaded` when the server closes first: what was asked for is stored, and goes on after the restart */
export async function endOf(
  { skein, reading, request, bindings }: AnyCall,
  run: Run,
  messageId?: string,
): Promise<Run> {
  const { threadId, id } = run;
  const closing = bindings?.closing;
  const signal =
    closing === undefined ? request.signal : AbortSignal.any([request.signal, closing]);
  try {
    return await skein.waitForRun(threadId, id, { ...reading, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    const now = await skein.run(threadId, id, reading);
    if (isEnded(now.status)) return now;
    throw closingError(now, messageId);
  }
}

function closingError({ threadId, id, status }: Run, messageId: string | undefined): SkeinError {
  const stored = messageId === undefined ? "" : "The message is stored. ";
  const next =
    status === "cancelling"
      ? "The run has been asked to stop, and does at the latest after the restart."
      : "The run goes on after the restart.";
  return new SkeinError("overloaded", `The server is closing. ${stored}${next}`, {
    details: {
      thread_id: threadId,
      ...(messageId !== undefined && { message_id: messageId }),
      run_id: id,
    },
  });
}

async function replyOf({ skein, reading }: AnyCall, run: Run): Promise<WireReply | null> {
  if (run.lastMessageId === undefined) return null;
  const message = await skein.message(run.threadId, run.lastMessageId, reading);
  if (message.role !== "assistant") return null;
  return { text: textOf(message.parts), message: messageToWire(message) };
}

/** The answer to a posted or edited message, or to a run that was asked for without one. */
export function postedBody(
  { branch }: Pick<AppendResult, "branch">,
  message: Message | undefined,
  run: Run | undefined,
): WirePosted | Omit<WirePosted, "message"> {
  return {
    ...(message !== undefined && { message: messageToWire(message) }),
    run: run === undefined ? null : runToWire(run),
    branch,
  };
}
