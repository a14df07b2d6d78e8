import type { ThreadHead, ThreadProfile } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";

const DEFAULT_BYTES = 67_108_864;

interface Held {
  readonly head: ThreadHead;
  readonly sizeBytes: number;
}

/** Committed heads, least recently used first out, bounded by their estimated size. Never used to authorise:
 *  a write from it is compared with the stored version, a read asks the store whether the version still holds. */
export class HeadCache {
  readonly #held = new Map<string, Held>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = DEFAULT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get(key: ThreadKey): ThreadHead | undefined {
    const name = nameOf(key);
    const held = this.#held.get(name);
    if (held === undefined) return undefined;
    this.#held.delete(name);
    this.#held.set(name, held);
    return held.head;
  }

  /** Keeps the newer of what it has and what it is given. */
  set(key: ThreadKey, head: ThreadHead): void {
    const name = nameOf(key);
    const old = this.#held.get(name);
    if (old !== undefined && old.head.version > head.version) return;
    this.delete(key);
    const sizeBytes = estimateBytes(head);
    if (sizeBytes > this.#maxBytes) return;
    this.#held.set(name, { head, sizeBytes });
    this.#bytes += sizeBytes;
    for (const [oldest, { sizeBytes: freed }] of this.#held) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#held.delete(oldest);
      this.#bytes -= freed;
    }
  }

  delete(key: ThreadKey): void {
    const name = nameOf(key);
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#bytes -= held.sizeBytes;
  }

  clear(): void {
    this.#held.clear();
    this.#bytes = 0;
  }
}

export function nameOf({ tenant, id }: ThreadKey): string {
  return `${tenant}\n${id}`;
}

// A profile is large and rarely another object, so its size is measured once.
const profileBytes = new WeakMap<ThreadProfile, number>();

function estimateBytes({ profile, activity, branches }: ThreadHead): number {
  let sizeBytes = profileBytes.get(profile);
  if (sizeBytes === undefined) {
    sizeBytes = JSON.stringify(profile).length * 2;
    profileBytes.set(profile, sizeBytes);
  }
  const parts = Object.keys(branches).length + activity.runs.length + activity.queued.length;
  return sizeBytes + 2_000 + 800 * parts;
}
