/** A log entry as it goes to every reader. */
export interface EntryFrame {
  readonly version: number;
  readonly bytes: Uint8Array;
}

const MAX_BYTES = 1_048_576;
const MAX_FRAMES = 1_000;

/** The newest entries of a thread as frames, so that readers that connect again do not read the log again. Bounded to 1 MiB. */
export class RecentFrames {
  #frames: EntryFrame[] = [];
  #bytes = 0;
  /** The version before the first frame. */
  #base = 0;

  startBehind(version: number): void {
    this.#base = version;
  }

  /** Forgets everything before a version. */
  clearBefore(version: number): void {
    this.#frames = [];
    this.#bytes = 0;
    this.#base = version - 1;
  }

  add(frame: EntryFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.byteLength;
    // Halved at once, because taking them off one by one would copy the array for each. One frame may be over it all.
    while (this.#bytes > MAX_BYTES || this.#frames.length > MAX_FRAMES) {
      const kept = this.#frames.splice(Math.ceil(this.#frames.length / 2));
      this.#base = this.#frames.at(-1)?.version ?? this.#base;
      this.#frames = kept;
      this.#bytes = kept.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    }
  }

  /** Everything after `version`; `undefined` when that is not all here. */
  after(version: number): readonly EntryFrame[] | undefined {
    if (version < this.#base || this.#frames.length === 0) return undefined;
    return this.#frames.slice(version - this.#base);
  }
}
