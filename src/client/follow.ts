import type { EventSourceMessage } from "eventsource-parser";
import { isSkeinError } from "../model/error.ts";
import type { RequestOptions, Requester } from "./request.ts";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

export interface Following {
  readonly path: string;
  readonly query?: RequestOptions["query"];
  /** Where to begin; absent: wherever the path begins by itself. */
  readonly from?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Server-sent events, for ever: a connection that breaks is made again behind the newest id. Ends when the signal aborts, or
 *  the loop is left; throws what the server refuses. */
export async function* follow(
  { send }: Requester,
  { path, query, from, signal }: Following,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  let last = from;
  let waitMs = FIRST_WAIT_MS;
  for (;;) {
    try {
      const headers = {
        accept: "text/event-stream",
        ...(last !== undefined && { "last-event-id": last }),
      };
      const response = await send("GET", path, { query, headers, signal });
      for await (const event of eventsOf(response)) {
        waitMs = FIRST_WAIT_MS;
        yield event;
        if (event.id !== undefined) last = event.id;
      }
    } catch (error) {
      if (signal?.aborted === true || isSkeinError(error, "aborted")) return;
      // What the server refuses it would refuse again.
      if (isSkeinError(error) && error.retryAfterMs === undefined) throw error;
    }
    await pause(waitMs, signal);
    if (signal?.aborted === true) return;
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

async function* eventsOf(response: Response): AsyncGenerator<EventSourceMessage, void, undefined> {
  const { body } = response;
  if (body === null) return;
  // Loaded when something is followed: who only asks does not pay for it.
  const { EventSourceParserStream } = await import("eventsource-parser/stream");
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted === true) end();
  });
}
