import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Bindings } from "./bindings.ts";

/** Proxies drop a silent connection after 30 to 60 s. */
const HEARTBEAT_MS = 15_000;

/** Unsent bytes after which a reader counts as too slow. */
const MAX_UNSENT_BYTES = 1_048_576;

/** Unsent bytes after which a reader that catches up is waited for. */
const PACE_BYTES = 65_536;

/** A reader that takes nothing for this long while it catches up is given up. */
const STALL_MS = 60_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
} as const;

export interface Frame {
  readonly event: string;
  readonly data: unknown;
  /** What a reader resumes from. Must be one line. */
  readonly id?: string | number;
  /** Milliseconds after which a reader connects again. */
  readonly retryMs?: number;
}

/** A server-sent event as bytes. */
export function encodeFrame({ event, data, id, retryMs }: Frame): Uint8Array {
  const head = `${retryMs === undefined ? "" : `retry: ${retryMs}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
  return Buffer.from(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** One reader of server-sent events. Holds at most about 1 MiB of unsent bytes: a reader that is slower than that is
 *  disconnected, and resumes from the log. */
export interface EventSink {
  /** Sends bytes that are whole frames. False once the sink is closed; the bytes are then dropped. */
  write(frames: Uint8Array): boolean;
  /** Resolves when there is room for more: the pace of a reader that catches up. */
  drained(): Promise<void>;
  /** Ends the stream with a comment. Idempotent. */
  close(comment?: string): void;
  /** Fires when the reader has left, was too slow, or the stream was closed. */
  readonly closed: AbortSignal;
}

export interface OpenSinkOptions {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends every sink. */
  readonly closing?: AbortSignal | undefined;
}

/** Opens the stream and hands the sink to `feed`, which may run long after the response was returned. An error of `feed` ends the stream. */
export function streamEvents(
  bindings: Bindings | undefined,
  options: OpenSinkOptions,
  feed: (sink: EventSink) => Promise<void>,
): Response {
  const outgoing = bindings?.outgoing;
  const headers = { ...HEADERS, ...options.headers };
  const status = options.status ?? 200;
  if (outgoing !== undefined) {
    outgoing.writeHead(status, headers);
    outgoing.flushHeaders();
    run(nodeChannel(outgoing), options, feed);
    return RESPONSE_ALREADY_SENT;
  }
  let channel: Channel | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        channel = webChannel(controller);
        run(channel, options, feed);
      },
      pull: () => channel?.onDrain?.(),
      cancel: () => channel?.onGone?.(),
    },
    { highWaterMark: PACE_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  return new Response(body, { status, headers });
}

/** Where bytes go: a Node response or a web stream. */
interface Channel {
  send(bytes: Uint8Array): void;
  unsentBytes(): number;
  /** True when `onDrain` will be called once there is room again. */
  isFull(): boolean;
  end(): void;
  /** Closes at once; unsent bytes are lost. */
  drop(): void;
  onDrain?: () => void;
  onGone?: () => void;
}

function run(
  channel: Channel,
  { closing }: OpenSinkOptions,
  feed: (sink: EventSink) => Promise<void>,
): void {
  const closed = new AbortController();
  const end = (): void => {
    if (closed.signal.aborted) return;
    clearInterval(heartbeat);
    closing?.removeEventListener("abort", onClosing);
    closed.abort();
    channel.onDrain?.();
  };
  const sink: EventSink = {
    closed: closed.signal,
    write: (frames) => {
      if (closed.signal.aborted) return false;
      if (channel.unsentBytes() > MAX_UNSENT_BYTES) {
        channel.drop();
        end();
        return false;
      }
      channel.send(frames);
      return true;
    },
    drained: async () => {
      if (closed.signal.aborted || !channel.isFull()) return;
      const isDrained = await waitForDrain(channel);
      if (isDrained) return;
      channel.drop();
      end();
    },
    close: (comment = "end") => {
      if (closed.signal.aborted) return;
      channel.send(Buffer.from(`: ${comment}\n\n`));
      channel.end();
      end();
    },
  };
  const onClosing = (): void => sink.close("the server is closing");
  const heartbeat = setInterval(() => {
    // A reader who is still taking something large is neither silent nor too slow.
    if (!channel.isFull()) sink.write(Buffer.from(": heartbeat\n\n"));
  }, HEARTBEAT_MS);
  heartbeat.unref();
  channel.onGone = end;
  if (closing?.aborted === true) onClosing();
  else closing?.addEventListener("abort", onClosing);
  feed(sink).then(
    () => sink.close(),
    () => sink.close("error"),
  );
}

function waitForDrain(channel: Channel): Promise<boolean> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => resolve(false), STALL_MS);
    stalled.unref();
    channel.onDrain = () => {
      clearTimeout(stalled);
      delete channel.onDrain;
      resolve(true);
    };
  });
}

function nodeChannel(outgoing: ServerResponse): Channel {
  const channel: Channel = {
    send: (bytes) => {
      outgoing.write(bytes);
    },
    unsentBytes: () => outgoing.writableLength,
    isFull: () => outgoing.writableNeedDrain,
    end: () => {
      outgoing.end();
    },
    drop: () => {
      outgoing.destroy();
    },
  };
  outgoing.on("drain", () => channel.onDrain?.());
  outgoing.on("close", () => channel.onGone?.());
  outgoing.on("error", () => channel.onGone?.());
  return channel;
}

function webChannel(controller: ReadableStreamDefaultController<Uint8Array>): Channel {
  return {
    send: (bytes) => {
      controller.enqueue(bytes);
    },
    unsentBytes: () => PACE_BYTES - (controller.desiredSize ?? PACE_BYTES),
    isFull: () => (controller.desiredSize ?? 1) <= 0,
    end: () => {
      controller.close();
    },
    drop: () => {
      controller.error(new Error("The reader is too slow."));
    },
  };
}
