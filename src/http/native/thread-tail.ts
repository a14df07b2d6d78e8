import { setImmediate as nextTurn } from "node:timers/promises";
import type { Skein } from "../../agents/skein.ts";
import type { CallOptions } from "../../engine/engine.ts";
import type { Entry } from "../../model/entry.ts";
import { isSkeinError } from "../../model/error.ts";
import { DEFAULT_TENANT } from "../../model/principal.ts";
import { isEnded } from "../../model/run-transitions.ts";
import { THREAD_EVENT } from "../../protocol/event-names.ts";
import type { WireDelta } from "../../protocol/run.ts";
import type { Chunk } from "../../store/chunk.ts";
import type { ChunksTold } from "../../store/live-bus.ts";
import { encodeFrame } from "../sse.ts";
import type { EventSink } from "../sse.ts";
import { entryToWire } from "./entry-to-wire.ts";
import { joinDeltas, OpenMessage } from "./open-message.ts";
import { RecentFrames } from "./recent-frames.ts";
import type { EntryFrame } from "./recent-frames.ts";

const LOG_PAGE = 200;
const LOG_PAGE_BYTES = 262_144;
const OPEN_MESSAGES = 20;
const ENDED = "the thread's events ended";

/** How often the text of a run of another process is read; what this process streams needs no reading. */
const FOREIGN_POLL_MS = 150;
/** How soon it is read when that process tells that there is more, and how often while it tells. */
const TOLD_MS = 50;
const HEARD_MS = 1_000;

/** One client of a thread's events. */
export interface TailReader {
  readonly sink: EventSink;
  readonly reading: CallOptions;
  /** The last version that was written to the sink. */
  cursor: number;
}

type Pending =
  | { readonly entry: Entry }
  | { readonly chunk: Chunk; readonly from: "this process" | "elsewhere" };

/** Follows one thread once for all of its readers. Every entry is encoded once; a reader that is behind reads the log at its own
 *  pace, and joins the others when it has caught up. Errors of the thread end every reader. */
export class ThreadTail {
  readonly #skein: Skein;
  readonly #threadId: string;
  readonly #stopped = new AbortController();
  /** Everybody who is served, those who still catch up too. */
  readonly #readers = new Set<TailReader>();
  readonly #live = new Set<TailReader>();
  readonly #recent = new RecentFrames();
  readonly #open = new Map<string, OpenMessage>();
  #pending: Pending[] = [];
  #isFlushing = false;
  #isReading = false;
  /** The newest version that the live readers have. */
  #version = 0;
  #poll: NodeJS.Timeout | undefined;
  #readSoon: NodeJS.Timeout | undefined;
  /** The newest version that another process told of. */
  #toldVersion = 0;

  constructor(skein: Skein, threadId: string) {
    this.#skein = skein;
    this.#threadId = threadId;
  }

  /** Fires when the tail has ended, by itself or by `stop`. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Begins to follow at the thread's present version. */
  async start(): Promise<void> {
    const { thread, runs } = await this.#skein.detail(this.#threadId);
    this.#version = thread.version;
    this.#recent.startBehind(thread.version);
    const branches = new Set(
      runs.filter(({ status }) => !isEnded(status)).map((run) => run.branch),
    );
    for (const branch of branches) {
      const page = await this.#skein.messages(this.#threadId, { branch, limit: OPEN_MESSAGES });
      for (const { id, status, runId } of page.messages)
        if (status === "in_progress") this.#open.set(id, new OpenMessage(id, runId ?? ""));
    }
    await this.#readOpenText();
    this.#poll = setInterval(() => void this.#pollOpenText(), FOREIGN_POLL_MS);
    this.#poll.unref();
    void this.#follow();
  }

  stop(): void {
    this.#stopped.abort();
    clearInterval(this.#poll);
    clearTimeout(this.#readSoon);
    for (const reader of this.#readers) reader.sink.close(ENDED);
  }

  /** Takes text that this process streams. */
  addChunks(chunks: readonly Chunk[]): void {
    if (this.#live.size === 0 && this.#open.size === 0) return;
    for (const chunk of chunks) this.#push({ chunk, from: "this process" });
  }

  /** Takes what another process tells of the thread. */
  hearCommit(version: number): void {
    this.#toldVersion = Math.max(this.#toldVersion, version);
  }

  hearChunks({ messageId, chunks }: ChunksTold): void {
    const message = this.#open.get(messageId);
    // Of a message that is not known yet the text is read as soon as it is.
    if (message === undefined) return;
    message.heardAt = performance.now();
    // Text must not overtake the removal of who reads it.
    if (chunks !== undefined && this.#toldVersion <= this.#version)
      for (const chunk of chunks) this.#push({ chunk, from: "elsewhere" });
    else this.#behind(message);
  }

  /** Something may have been told that was not heard. */
  hearGap(): void {
    for (const message of this.#open.values()) message.heardAt = Number.NEGATIVE_INFINITY;
  }

  /** Serves one reader until its sink is closed. Rejects when the reader may not, or no longer, read the thread. */
  async serve(reader: TailReader): Promise<void> {
    const { sink } = reader;
    this.#readers.add(reader);
    try {
      await this.#catchUp(reader);
      if (sink.closed.aborted || this.#stopped.signal.aborted) return;
      for (const message of this.#open.values())
        sink.write(encodeFrame({ event: THREAD_EVENT.snapshot, data: message.snapshot() }));
      if (sink.closed.aborted) return;
      // Nothing was awaited since the reader had everything and was let in: it misses nothing and gets nothing twice.
      this.#live.add(reader);
      await new Promise<void>((resolve) => {
        sink.closed.addEventListener("abort", () => resolve(), { once: true });
      });
    } finally {
      this.#live.delete(reader);
      this.#readers.delete(reader);
    }
  }

  async #catchUp(reader: TailReader): Promise<void> {
    const { sink, reading } = reader;
    while (!sink.closed.aborted) {
      const isBehind = reader.cursor < this.#version;
      const frames = isBehind ? await this.#framesAfter(reader.cursor) : [];
      // Asked after the frames were read, so that what was said after a removal never goes out.
      await this.#skein.get(this.#threadId, reading);
      if (frames === "trimmed") {
        this.#tellToReload(reader);
        continue;
      }
      const last = frames.at(-1);
      if (last === undefined) {
        // A log that lacks what it had was exchanged for a backup.
        if (isBehind) sink.close(ENDED);
        if (isBehind || reader.cursor >= this.#version) return;
        continue;
      }
      sink.write(Buffer.concat(frames.map(({ bytes }) => bytes)));
      reader.cursor = last.version;
      await sink.drained();
      // Other requests have their turn between two pages.
      await nextTurn();
    }
  }

  async #framesAfter(cursor: number): Promise<readonly EntryFrame[] | "trimmed"> {
    try {
      return this.#recent.after(cursor) ?? (await this.#readLog(cursor));
    } catch (error) {
      if (isSkeinError(error, "trimmed")) return "trimmed";
      throw error;
    }
  }

  /** What the reader lacks was trimmed: it starts anew from what there is now. */
  #tellToReload(reader: TailReader): void {
    reader.cursor = this.#version;
    const data = { thread_id: this.#threadId, version: this.#version };
    reader.sink.write(encodeFrame({ event: THREAD_EVENT.reload, id: this.#version, data }));
  }

  // Without a check of access: who calls it checks before anything goes out.
  async #readLog(after: number): Promise<readonly EntryFrame[]> {
    const key = { tenant: DEFAULT_TENANT, id: this.#threadId };
    const { store } = this.#skein;
    return (await store.listEntries(key, after, LOG_PAGE, LOG_PAGE_BYTES)).map(frameOf);
  }

  async #follow(): Promise<void> {
    try {
      const options = { after: this.#version, signal: this.#stopped.signal };
      for await (const entry of this.#skein.observe(this.#threadId, options)) this.#push({ entry });
    } catch {
      // The thread was purged or the store closed. Readers connect again and are told by status.
    }
    // The purge itself may still wait to be told.
    this.#flush();
    this.stop();
  }

  #push(item: Pending): void {
    this.#pending.push(item);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // All that one turn of the event loop brings goes out in one write for each reader.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushing = false;
    const pending = this.#pending;
    this.#pending = [];
    let batch: (EntryFrame | { readonly bytes: Uint8Array })[] = [];
    let deltas: WireDelta[] = [];
    const putDeltas = (): void => {
      for (const data of joinDeltas(deltas))
        batch.push({ bytes: encodeFrame({ event: THREAD_EVENT.delta, data }) });
      deltas = [];
    };
    let isOver = false;
    for (const item of pending) {
      if ("chunk" in item) {
        const delta = this.#addText(item.chunk, item.from === "this process");
        if (delta !== undefined) deltas.push(delta);
        continue;
      }
      putDeltas();
      const frame = frameOf(item.entry);
      if (item.entry.op === "retention.trim") this.#recent.clearBefore(frame.version);
      batch.push(frame);
      this.#recent.add(frame);
      this.#noteEntry(item.entry);
      if (item.entry.op === "thread.delete" || item.entry.op === "thread.purge") isOver = true;
      if (item.entry.op !== "member.remove") continue;
      // What comes after it in the same turn is no longer for who was removed.
      this.#send(batch);
      batch = [];
      this.#shutOut(item.entry.data.user);
    }
    putDeltas();
    this.#send(batch);
    if (isOver) this.stop();
  }

  #send(batch: readonly (EntryFrame | { readonly bytes: Uint8Array })[]): void {
    if (batch.length === 0) return;
    const whole = Buffer.concat(batch.map(({ bytes }) => bytes));
    const before = this.#version;
    for (const frame of batch) if ("version" in frame) this.#version = frame.version;
    for (const reader of this.#live) {
      if (reader.cursor <= before) reader.sink.write(whole);
      else
        for (const frame of batch)
          if (!("version" in frame) || frame.version > reader.cursor)
            reader.sink.write(frame.bytes);
      reader.cursor = Math.max(reader.cursor, this.#version);
    }
  }

  #noteEntry(entry: Entry): void {
    if (entry.op === "message.open") {
      const { id, runId } = entry.data.message;
      this.#open.set(id, new OpenMessage(id, runId ?? ""));
    } else if (entry.op === "message.commit") this.#open.delete(entry.data.messageId);
    else if (entry.op === "run.end")
      for (const { messageId, runId } of this.#open.values())
        if (runId === entry.data.runId) this.#open.delete(messageId);
  }

  #addText(chunk: Chunk, isOurs: boolean): WireDelta | undefined {
    const message = this.#open.get(chunk.messageId);
    if (message === undefined) return undefined;
    if (isOurs) message.isFollowed = true;
    const delta = message.add(chunk);
    if (message.isBehind) this.#behind(message);
    return delta;
  }

  #behind(message: OpenMessage): void {
    message.isBehind = true;
    this.#readSoon ??= setTimeout(() => {
      this.#readSoon = undefined;
      void this.#pollOpenText();
    }, TOLD_MS).unref();
  }

  /** Who was a member may not read on. */
  #shutOut(user: string): void {
    for (const { reading, sink } of this.#readers)
      if (reading.userId === user) sink.close("no longer a member");
  }

  async #pollOpenText(): Promise<void> {
    if (this.#isReading || this.#live.size === 0) return;
    this.#isReading = true;
    await this.#readOpenText();
    this.#isReading = false;
  }

  async #readOpenText(): Promise<void> {
    for (const message of this.#open.values()) {
      const isHeard = performance.now() - message.heardAt < HEARD_MS;
      if (message.isFollowed || (isHeard && !message.isBehind)) continue;
      message.isBehind = false;
      try {
        const { worker } = this.#skein;
        const chunks = await worker.listChunks(DEFAULT_TENANT, this.#threadId, message.messageId);
        for (const chunk of chunks) this.#push({ chunk, from: "elsewhere" });
      } catch {
        // Text on its way is only a preview; the entry that follows has all of it.
      }
    }
  }
}

function frameOf(entry: Entry): EntryFrame {
  const { version } = entry;
  const bytes = encodeFrame({ event: THREAD_EVENT.entry, id: version, data: entryToWire(entry) });
  return { version, bytes };
}
