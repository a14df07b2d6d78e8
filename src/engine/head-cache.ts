import type { ThreadHead, ThreadProfile } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";

const DEFAULT_BYTES = 67_108_864;

interface Held {
  head: ThreadHead;
  sizeBytes: number;
  /** Read or written since it was last looked at for eviction. */
  isUsed: boolean;
}

/** Committed heads, the longest unused first out, bounded by their estimated size. Never used to authorise:
 *  a write from it is compared with the stored version, a read asks the store whether the version still holds. */
export class HeadCache {
  // A use marks what is held and moves nothing: a map that is moved about on every commit keeps dead heads alive
  // until the next full garbage collection.
  readonly #held = new Map<string, Held>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = DEFAULT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get(key: ThreadKey): ThreadHead | undefined {
    const held = this.#held.get(nameOf(key));
    if (held === undefined) return undefined;
    held.isUsed = true;
    return held.head;
  }

  /** Keeps the newer of what it has and what it is given. */
  set(key: ThreadKey, head: ThreadHead): void {
    const name = nameOf(key);
    const held = this.#held.get(name);
    if (held !== undefined && held.head.version > head.version) return;
    const sizeBytes = estimateBytes(head);
    if (held === undefined) this.#held.set(name, { head, sizeBytes, isUsed: true });
    else {
      this.#bytes -= held.sizeBytes;
      held.head = head;
      held.sizeBytes = sizeBytes;
      held.isUsed = true;
    }
    this.#bytes += sizeBytes;
    if (this.#bytes > this.#maxBytes) this.#evict();
  }

  #evict(): void {
    // What was used gets a second chance behind all others.
    for (const [name, held] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#held.delete(name);
      if (held.isUsed) this.#held.set(name, { ...held, isUsed: false });
      else this.#bytes -= held.sizeBytes;
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
