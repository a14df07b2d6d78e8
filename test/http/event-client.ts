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
  /** The next event of that name; others are passed over. */
  nextOf(event: string): Promise<SeenEvent>;
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>;
  /** Every comment so far. */
  readonly comments: readonly string[];
  close(): void;
}

export async function connectEvents(url: string, init: RequestInit = {}): Promise<EventConnection> {
  const gone = new AbortController();
  const response = await fetch(url, { ...init, signal: gone.signal });
  const waiting: SeenEvent[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: ({ event = "message", id, data }: EventSourceMessage) =>
      waiting.push({ event, id, data: JSON.parse(data) }),
    onComment: (comment) => comments.push(comment.trim()),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const pull = async (): Promise<boolean> => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (value !== undefined) parser.feed(value);
    return !done;
  };
  const next = async (): Promise<SeenEvent> => {
    while (waiting.length === 0)
      if (!(await pull())) throw new Error("The stream of events has ended.");
    const [first] = waiting.splice(0, 1);
    if (first === undefined) throw new Error("Nothing waits.");
    return first;
  };
  const close = (): void => gone.abort();
  return {
    status: response.status,
    headers: response.headers,
    comments,
    next,
    nextOf: async (event) => {
      for (;;) {
        const seen = await next();
        if (seen.event === event) return seen;
      }
    },
    ended: async () => {
      while (await pull());
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}
