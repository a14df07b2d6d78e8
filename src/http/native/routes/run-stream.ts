import { z } from "zod";
import type { RunStreamEvent } from "../../../agents/skein.ts";
import { isSkeinError, SkeinError } from "../../../model/error.ts";
import { isEnded } from "../../../model/run-transitions.ts";
import type { Run } from "../../../model/run.ts";
import { STREAM_EVENT } from "../../../protocol/event-names.ts";
import { wireRunEvent } from "../../../protocol/run.ts";
import type { Reply } from "../../reply.ts";
import type { HttpRequest } from "../../node-request.ts";
import { encodeFrame, streamEvents } from "../../sse.ts";
import { Batches } from "../batches.ts";
import type { Call } from "../call.ts";
import { json } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { runEventToWire } from "../run-to-wire.ts";
import { untilShutOut } from "../shut-out.ts";

/** The offset of the beginning, which is also what an absent one means. */
const START = "-1";

const LONG_POLL_MS = 25_000;

/** A pause after which a run that goes on has nothing more to read. */
const PAUSE_MS = 20;

/** Between two events of an ended run only reads of the store take time. */
const ENDED_PAUSE_MS = 10_000;

const MOST_EVENTS = 1_000;

const streamQuery = z.strictObject({
  offset: z.string().min(1).max(256).exactOptional(),
  live: z.enum(["sse", "long-poll"]).exactOptional(),
  // Sent back by clients of the Durable Streams conventions; answers here are not cached, so it decides nothing.
  cursor: z.string().max(256).exactOptional(),
});

type StreamQuery = z.infer<typeof streamQuery>;
type StreamCall = Pick<
  Call<string, StreamQuery, unknown>,
  "skein" | "reading" | "query" | "bindings" | "request"
>;

const description = {
  method: "GET",
  tag: "runs",
  status: 200,
  answer: z.array(wireRunEvent),
  mediaTypes: ["text/event-stream"],
  errors: ["thread_not_found", "thread_deleted", "run_not_found", "invalid_cursor"],
  body: null,
} as const;

export const runStreamRoutes: readonly Route[] = [
  route({
    ...description,
    path: "/threads/{thread_id}/runs/{run_id}/stream",
    id: "streamRun",
    summary:
      "What a run writes, from `offset` on: `Stream-Next-Offset` is where to go on, `Stream-Closed` says that nothing will follow",
    query: streamQuery,
    handle: (call) => readStream(call, call.params.thread_id, call.params.run_id),
  }),
  route({
    ...description,
    path: "/runs/{run_id}/stream",
    id: "streamRunById",
    summary: "The same by the run's id alone",
    query: streamQuery,
    handle: async (call) => {
      const { run_id: runId } = call.params;
      const { threadId } = await call.skein.findRun(runId, call.reading);
      return readStream(call, threadId, runId);
    },
  }),
];

async function readStream(
  call: StreamCall,
  threadId: string,
  runId: string,
): Promise<Reply | Response> {
  const { skein, reading, query, request, bindings } = call;
  const run = await skein.run(threadId, runId, reading);
  const stop = new AbortController();
  const isSse = query.live === "sse" && request.method !== "HEAD";
  const seen = isSse ? lastEventId(request) : undefined;
  const offset = seen ?? query.offset;
  const position = offset === START || offset === "now" ? undefined : offset;
  const events = new Batches(
    skein.runStream(threadId, runId, {
      ...reading,
      signal: stop.signal,
      ...(position !== undefined && { position }),
    }),
  );
  const reader: Reader = { run, events, from: position, next: offset ?? START };
  const end = (): void => {
    stop.abort();
    events.stop();
  };
  try {
    if (offset === "now") await skipPast(reader);
    else await probe(reader, seen === undefined ? "offset" : "Last-Event-ID");
    if (isSse)
      return streamEvents(bindings, { closing: bindings?.closing }, async (sink) => {
        sink.closed.addEventListener("abort", end, { once: true });
        try {
          await untilShutOut(sink, () => writeEvents(reader, sink));
        } finally {
          end();
        }
      });
    const answer = await readOnce(call, reader);
    end();
    return answer;
  } catch (error) {
    end();
    throw error;
  }
}

/** The offset that an EventSource saw last; `undefined` when it has none. */
function lastEventId(request: HttpRequest): string | undefined {
  return request.headers.get("last-event-id") || undefined;
}

interface Reader {
  readonly run: Run;
  readonly events: Batches<RunStreamEvent>;
  /** Where the client goes on; `undefined` at the start. */
  readonly from: string | undefined;
  /** Offset behind what was taken. */
  next: string;
  /** Taken, but not yet given to the client. */
  held?: readonly RunStreamEvent[];
}

async function take(reader: Reader, firstMs: number): Promise<readonly RunStreamEvent[]> {
  const { held } = reader;
  if (held !== undefined && held.length > 0) {
    delete reader.held;
    return held;
  }
  const isOver = isEnded(reader.run.status);
  const pauseMs = isOver ? ENDED_PAUSE_MS : PAUSE_MS;
  const events = await reader.events.take(isOver ? pauseMs : firstMs, pauseMs, MOST_EVENTS);
  reader.next = events.at(-1)?.position ?? reader.next;
  return events;
}

// A stream begins by saying how the run is, or that it has ended. Who goes on at an offset knows that much, and a long poll
// would be answered by it at once for ever.
function isKnown(event: RunStreamEvent, from: string | undefined): boolean {
  return (event.type === "run" || event.type === "end") && event.position === from;
}

/** Takes what is there, so that a bad offset is answered by a status and not by a broken stream. */
async function probe(reader: Reader, field: string): Promise<void> {
  const [first, ...rest] = await takeAtOffset(reader, field);
  if (first === undefined) return;
  reader.held = isKnown(first, reader.from) ? rest : [first, ...rest];
}

async function takeAtOffset(reader: Reader, field: string): Promise<readonly RunStreamEvent[]> {
  try {
    return await take(reader, PAUSE_MS);
  } catch (error) {
    if (!isSkeinError(error, "invalid_cursor")) throw error;
    throw new SkeinError("invalid_cursor", `${field} is not an offset of this run's stream.`, {
      field,
    });
  }
}

async function skipPast(reader: Reader): Promise<void> {
  let events = await take(reader, PAUSE_MS);
  while (events.length > 0 && !reader.events.isDone) events = await take(reader, PAUSE_MS);
  if (reader.next === "now") reader.next = START;
}

async function readOnce({ query, request, bindings }: StreamCall, reader: Reader): Promise<Reply> {
  const isPolling = query.live === "long-poll";
  if (isPolling && query.offset === undefined)
    throw new SkeinError("invalid_request", "A long poll needs an offset; -1 is the start.", {
      field: "offset",
    });
  let events = reader.held ?? [];
  if (events.length === 0 && isPolling && !reader.events.isDone)
    events = await takeUntilGone(reader, [request.signal, bindings?.closing]);
  const isClosed = reader.events.isDone;
  const headers = {
    "stream-next-offset": reader.next,
    ...(isClosed && { "stream-closed": "true" }),
    ...((isClosed || events.length < MOST_EVENTS) && { "stream-up-to-date": "true" }),
    ...(isPolling && { "stream-cursor": cursorOf(query.cursor) }),
  };
  if (isPolling && events.length === 0 && !isClosed)
    return { status: 204, headers: { ...headers, "cache-control": "no-store" }, body: null };
  return json(
    events.map((event) => runEventToWire(reader.run.id, event)),
    200,
    headers,
  );
}

/** Nothing, when one of the signals fires first. */
async function takeUntilGone(
  reader: Reader,
  signals: readonly (AbortSignal | undefined)[],
): Promise<readonly RunStreamEvent[]> {
  if (signals.some((signal) => signal?.aborted === true)) return [];
  const gone = Promise.withResolvers<readonly RunStreamEvent[]>();
  const leave = (): void => gone.resolve([]);
  // The server's signal outlives every poll: what listens to it must be taken off again.
  for (const signal of signals) signal?.addEventListener("abort", leave);
  try {
    return await Promise.race([take(reader, LONG_POLL_MS), gone.promise]);
  } finally {
    for (const signal of signals) signal?.removeEventListener("abort", leave);
  }
}

async function writeEvents(
  reader: Reader,
  sink: { write(bytes: Uint8Array): boolean; drained(): Promise<void> },
): Promise<void> {
  for (;;) {
    const events = await take(reader, LONG_POLL_MS);
    const isClosed = reader.events.isDone && events.length === 0;
    const data = events.map((event) => runEventToWire(reader.run.id, event));
    const control = {
      streamNextOffset: reader.next,
      streamCursor: cursorOf(undefined),
      ...(events.length < MOST_EVENTS && { upToDate: true }),
      ...(reader.events.isDone && { streamClosed: true }),
    };
    // Of `now` too, so that an EventSource that connects again misses nothing.
    const id = reader.next === START ? {} : { id: reader.next };
    const frames = [
      ...(data.length === 0 ? [] : [encodeFrame({ ...id, event: STREAM_EVENT.data, data })]),
      encodeFrame({ ...id, event: STREAM_EVENT.control, data: control }),
    ];
    if (!sink.write(Buffer.concat(frames)) || isClosed || reader.events.isDone) return;
    await sink.drained();
  }
}

// The conventions want a number that grows between two polls, for caches that join requests.
const CURSOR_SECONDS = 20;

function cursorOf(given: string | undefined): string {
  const now = Math.floor(Date.now() / 1_000 / CURSOR_SECONDS);
  const old = given !== undefined && /^\d{1,12}$/.test(given) ? Number(given) : 0;
  return String(Math.max(now, old + 1));
}
