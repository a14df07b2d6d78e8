import type { Chunk } from "../store/chunk.ts";
import { crashPoint } from "./crash-point.ts";
import { addPiece, storableText } from "./streamed-parts.ts";
import type { Piece, StreamedParts } from "./streamed-parts.ts";

const FLUSH_MS = 50;
const FLUSH_UNITS = 256;
// A store that is slower than the model makes the model wait.
const WAIT_UNITS = 65_536;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface ChunkWriterOptions {
  readonly runId: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly write: (chunks: readonly Chunk[]) => Promise<void>;
}

/** Collects what one attempt of a model step streams, and writes it in chunks of about 50 ms or 256 characters.
 *  Chunks never split a surrogate pair. Belongs to one attempt; `flush` ends it. */
export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #parts: StreamedParts = new Map();
  /** The first half of a surrogate pair, by part, until its second half arrives. */
  readonly #halves = new Map<number, string>();
  #waiting: Writable<Chunk>[] = [];
  #waitingUnits = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #error: { readonly cause: unknown } | undefined;

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
  }

  /** Everything that was added, also what is not yet written. */
  get parts(): StreamedParts {
    return this.#parts;
  }

  /** Takes a piece. Waits only while too much is unwritten. Throws what an earlier write threw. */
  async add(piece: Piece): Promise<void> {
    this.#throwError();
    const text = (this.#halves.get(piece.part) ?? "") + piece.text;
    const isHalf = /[\uD800-\uDBFF]$/.test(text);
    if (isHalf) this.#halves.set(piece.part, text.slice(-1));
    else this.#halves.delete(piece.part);
    this.#put({ ...piece, text: storableText(isHalf ? text.slice(0, -1) : text) });
    if (this.#waitingUnits >= FLUSH_UNITS) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS);
    if (this.#waitingUnits >= WAIT_UNITS) await this.#drain();
  }

  /** Writes what is left. Nothing may be added afterwards. */
  async flush(): Promise<void> {
    for (const [part, half] of this.#halves) {
      const known = this.#parts.get(part);
      if (known !== undefined) this.#put({ ...known, text: storableText(half) });
    }
    this.#halves.clear();
    await this.#drain();
    clearTimeout(this.#timer);
    this.#throwError();
  }

  #put(added: Piece): void {
    const known = this.#parts.get(added.part);
    // Every chunk of a call has its id and name, because a reader may see any of them first.
    const piece = { ...known, ...added };
    const offset = known?.text.length;
    addPiece(this.#parts, piece);
    // An empty piece only announces a part, once.
    if (piece.text === "" && offset !== undefined) return;
    this.#waitingUnits += piece.text.length;
    const last = this.#waiting.at(-1);
    if (last?.part === piece.part) {
      last.text += piece.text;
      return;
    }
    const { runId, messageId, attempt } = this.#options;
    this.#waiting.push({ ...piece, runId, messageId, attempt, offset: offset ?? 0 });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing !== undefined) {
      this.#start();
      await this.#writing;
      this.#throwError();
    }
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One write at a time keeps the order; what comes meanwhile goes into the next.
    if (this.#writing !== undefined || this.#waiting.length === 0) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#waitingUnits >= FLUSH_UNITS) this.#start();
      else if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS);
    });
  }

  async #write(): Promise<void> {
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#waitingUnits = 0;
    crashPoint("before-chunk-flush");
    try {
      await this.#options.write(chunks);
    } catch (cause) {
      this.#error ??= { cause };
    }
    crashPoint("after-chunk-flush");
  }

  #throwError(): void {
    if (this.#error !== undefined) throw this.#error.cause;
  }
}
