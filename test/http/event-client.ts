import { createParser } from "eventsource-parser";
import type { EventSourceMessage } from "eventsource-parser";
import type { Loose } from "./loose.ts";

export interface SeenEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Loose;
}

/** One connection to a stream of server-sent events. */
export interface EventConnection extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** The next event; throws when the stream has ended. */
  next(): Promise<SeenEvent>;
  /** The next event; `undefined` when the stream has ended. */
  nextOrEnd(): Promise<SeenEvent | undefined>;
  /** The next event of that name; others are passed over. */
  nextOf(event: string): Promise<SeenEvent>;
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>;
  /** The whole body, of an answer that is not a stream. */
  text(): Promise<string>;
  /** Every comment so far. */
  readonly comments: readonly string[];
  close(): void;
}

export async function connectEvents(url: string, init: RequestInit = {}): Promise<EventConnection> {
  const gone = new AbortController();
  const signal = init.signal ? AbortSignal.any([gone.signal, init.signal]) : gone.signal;
  const response = await fetch(url, { ...init, signal });
  const waiting: SeenEvent[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: ({ event = "message", id, data }: EventSourceMessage) =>
      waiting.push({ event, id, data: JSON.parse(data) }),
    onComment: (comment) => comments.push(comment.trim()),
  });
  let reader: ReadableStreamDefaultReader<string> | undefined;
  const pull = async (): Promise<boolean> => {
    reader ??= response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (value !== undefined) parser.feed(value);
    return !done;
  };
  const nextOrEnd = async (): Promise<SeenEvent | undefined> => {
    while (waiting.length === 0) if (!(await pull())) return undefined;
    return waiting.shift();
  };
  const next = async (): Promise<SeenEvent> => {
    const first = await nextOrEnd();
    if (first === undefined) throw new Error("The stream of events has ended.");
    return first;
  };
  const close = (): void => gone.abort();
  return {
    status: response.status,
    headers: response.headers,
    comments,
    next,
    nextOrEnd,
    nextOf: async (event) => {
      for (;;) {
        const seen = await next();
        if (seen.event === event) return seen;
      }
    },
    text: () => response.text(),
    ended: async () => {
      while (await pull());
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}
