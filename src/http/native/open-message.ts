import type { Json } from "../../model/json.ts";
import type { WireDelta } from "../../protocol/run.ts";
import type { Chunk } from "../../store/chunk.ts";

interface OpenPart {
  readonly kind: WireDelta["kind"];
  readonly callId: string | undefined;
  readonly name: string | undefined;
  text: string;
}

/** The text so far of a message that a run is writing. Chunks may come twice and in any order between two reads of the store:
 *  their offsets decide what is new. */
export class OpenMessage {
  readonly messageId: string;
  readonly runId: string;
  #attempt = 1;
  readonly #parts = new Map<number, OpenPart>();
  /** True while chunks arrive from this process without a gap, so that the store need not be asked. */
  isFollowed = false;
  /** The store has more of it than arrived. */
  isBehind = false;
  /** When another process last told of it, on this process's clock. */
  heardAt: number = Number.NEGATIVE_INFINITY;

  constructor(messageId: string, runId: string) {
    this.messageId = messageId;
    this.runId = runId;
  }

  /** What of the chunk is new; `undefined` for nothing. A gap clears `isFollowed` and sets `isBehind`. */
  add(chunk: Chunk): WireDelta | undefined {
    if (chunk.attempt < this.#attempt) return undefined;
    if (chunk.attempt > this.#attempt) {
      this.#attempt = chunk.attempt;
      this.#parts.clear();
    }
    const known = this.#parts.get(chunk.part);
    const length = known?.text.length ?? 0;
    if (chunk.offset > length) {
      this.isFollowed = false;
      this.isBehind = true;
      return undefined;
    }
    const text = chunk.text.slice(length - chunk.offset);
    if (text === "" && known !== undefined) return undefined;
    const kind = chunk.kind === "tool-input" ? "tool_input" : chunk.kind;
    const { callId, name } = chunk;
    if (known === undefined) this.#parts.set(chunk.part, { kind, callId, name, text });
    else known.text += text;
    return {
      message_id: this.messageId,
      run_id: this.runId,
      attempt: chunk.attempt,
      part: chunk.part,
      kind,
      ...(callId !== undefined && { call_id: callId }),
      ...(name !== undefined && { name }),
      offset: length,
      text,
    };
  }

  /** Everything so far, for a reader that has just come. */
  snapshot(): Json {
    return {
      message_id: this.messageId,
      run_id: this.runId,
      attempt: this.#attempt,
      parts: Array.from(this.#parts, ([part, { kind, callId, name, text }]) => ({
        part,
        kind,
        ...(callId !== undefined && { call_id: callId }),
        ...(name !== undefined && { name }),
        text,
      })),
    };
  }
}

/** Joins deltas of the same part that follow one another. */
export function joinDeltas(deltas: readonly WireDelta[]): readonly WireDelta[] {
  const joined: WireDelta[] = [];
  for (const delta of deltas) {
    const last = joined.at(-1);
    const continues =
      last !== undefined &&
      last.message_id === delta.message_id &&
      last.attempt === delta.attempt &&
      last.part === delta.part;
    if (continues) joined[joined.length - 1] = { ...last, text: last.text + delta.text };
    else joined.push(delta);
  }
  return joined;
}
