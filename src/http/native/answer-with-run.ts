import type { AppendResult } from "../../engine/engine.ts";
import { textOf } from "../../model/part.ts";
import type { Run } from "../../model/run.ts";
import { ANSWER_EVENT } from "../../protocol/event-names.ts";
import type { WirePosted, WireReply } from "../../protocol/answer.ts";
import type { Reply } from "../reply.ts";
import { encodeFrame, streamEvents } from "../sse.ts";
import type { Call } from "./call.ts";
import { messageToWire } from "./message-to-wire.ts";
import { etagOf, json } from "./respond.ts";
import { runEventToWire, runToWire } from "./run-to-wire.ts";

type AnyCall = Pick<
  Call<string, unknown, unknown>,
  "skein" | "reading" | "request" | "bindings" | "wantsEvents"
>;

export interface Asked {
  readonly result: AppendResult;
  readonly wait: boolean | undefined;
  /** The answer's body, without the reply. `isOver` after waiting for the run's end. */
  readonly body: (run: Run | undefined, isOver: boolean) => object | Promise<object>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a write that may have started a run, in the way the client wants: at once, at the run's end, or as events. The run goes on
 *  if the client leaves. */
export async function answerWithRun(call: AnyCall, asked: Asked): Promise<Reply | Response> {
  const { thread, run } = asked.result;
  const headers = { ...etagOf(thread.version), ...asked.headers };
  if (run === undefined) {
    const reply = asked.wait === true ? { reply: null } : {};
    return json({ ...(await asked.body(undefined, false)), ...reply }, 201, headers);
  }
  if (call.wantsEvents && call.request.method !== "HEAD")
    return streamRun(call, run, await asked.body(run, false), headers);
  if (asked.wait !== true) return json(await asked.body(run, false), 201, headers);
  const ended = await endOf(call, run);
  const reply = await replyOf(call, ended);
  // The thread moved on while the run went: its version at the start is no longer its ETag.
  return json({ ...(await asked.body(ended, true)), reply }, 201, asked.headers);
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
    for await (const event of events) {
      const data = runEventToWire(run.id, event);
      if (!sink.write(encodeFrame({ event: event.type, id: event.position, data }))) return;
      await sink.drained();
    }
  });
}

/** The run as it ended; as it is now when the server closes first. */
export async function endOf(
  { skein, reading, request, bindings }: AnyCall,
  run: Run,
): Promise<Run> {
  const closing = bindings?.closing;
  const signal =
    closing === undefined ? request.signal : AbortSignal.any([request.signal, closing]);
  try {
    return await skein.waitForRun(run.threadId, run.id, { ...reading, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return skein.run(run.threadId, run.id, reading);
  }
}

async function replyOf({ skein, reading }: AnyCall, run: Run): Promise<WireReply | null> {
  if (run.lastMessageId === undefined) return null;
  const message = await skein.message(run.threadId, run.lastMessageId, reading);
  if (message.role !== "assistant") return null;
  return { text: textOf(message.parts), message: messageToWire(message) };
}

/** The answer to a posted or edited message, or to a run that was asked for without one. */
export function postedBody(
  result: AppendResult,
  run: Run | undefined,
): WirePosted | Omit<WirePosted, "message"> {
  const [message] = result.messages;
  return {
    ...(message !== undefined && { message: messageToWire(message) }),
    run: run === undefined ? null : runToWire(run),
    branch: result.branch,
  };
}
