import type { BusEvent, ChunksTold, CommitTold, LiveBus } from "../store/live-bus.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Store } from "../store/store.ts";
import { nameOf } from "./head-cache.ts";

/** A process that dies between a commit and telling of it leaves others without the news for this long at most. */
const LOOK_ANYWAY_MS = 15_000;

type Untold<E> = E extends BusEvent ? Omit<E, "storeId" | "sender"> : never;

/** Who wants to know of what other processes do. */
export interface ForeignListener {
  readonly onCommit?: (event: CommitTold) => void;
  readonly onChunks?: (event: ChunksTold) => void;
  /** Something may have happened, and only the store knows what. */
  readonly onGap: () => void;
}

/** What other processes do to the same store: by a bus where there is one, else by the store's watch, which knows no more
 *  than that something happened. Connected while somebody listens. */
export class Foreign {
  readonly #store: Store;
  readonly #bus: LiveBus | null;
  readonly #owned = new Set<LiveBus>();
  readonly #all = new Set<ForeignListener>();
  readonly #byThread = new Map<string, Set<ForeignListener>>();
  #stop: (() => void) | undefined;
  #storeId: string | undefined;

  constructor(store: Store, bus: LiveBus | null) {
    this.#store = store;
    this.#bus = bus;
  }

  /** Whether others are told at all. */
  get isTold(): boolean {
    return this.#bus !== null;
  }

  /** Tells others. */
  tell(event: Untold<BusEvent>): void {
    const bus = this.#bus;
    if (bus === null) return;
    const { instance: sender } = this.#store;
    if (this.#storeId !== undefined) bus.publish({ ...event, storeId: this.#storeId, sender });
    else
      this.#identify()
        .then((storeId) => bus.publish({ ...event, storeId, sender }))
        // A store that was closed since; others look anyway.
        .catch(() => undefined);
  }

  listen(listener: ForeignListener): () => void {
    this.#all.add(listener);
    return this.#started(() => this.#all.delete(listener));
  }

  /** Hears of one thread, and of gaps. */
  listenTo(key: ThreadKey, listener: ForeignListener): () => void {
    const name = nameOf(key);
    const listeners = this.#byThread.get(name) ?? new Set();
    this.#byThread.set(name, listeners.add(listener));
    return this.#started(() => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#byThread.delete(name);
    });
  }

  /** Closes a bus with the rest, whether it is the one in use or not. */
  own(bus: LiveBus): void {
    this.#owned.add(bus);
  }

  /** Connects the bus in use, if there is one.
   *  @throws SkeinError  as `LiveBus.open` */
  async open(): Promise<void> {
    await this.#bus?.open();
  }

  /** Closes every bus that it was given. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#owned, (bus) => bus.close()));
  }

  #started(remove: () => void): () => void {
    this.#stop ??= this.#start();
    return () => {
      remove();
      if (this.#all.size > 0 || this.#byThread.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #start(): () => void {
    const miss = (): void => this.#miss();
    if (this.#bus === null)
      return this.#store.capabilities.multiProcess ? this.#store.watch(miss) : () => {};
    // A store that does not open says so to whoever calls it.
    this.#identify().catch(() => undefined);
    const unsubscribe = this.#bus.subscribe((event) => this.#hear(event), miss);
    const timer = setInterval(miss, LOOK_ANYWAY_MS).unref();
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }

  async #identify(): Promise<string> {
    this.#storeId ??= (await this.#store.open()).storeId;
    return this.#storeId;
  }

  #hear(event: BusEvent): void {
    if (event.sender === this.#store.instance) return;
    if (this.#storeId === undefined) return this.#miss();
    if (event.storeId !== this.#storeId) return;
    const key = { tenant: event.tenant, id: event.threadId };
    for (const listeners of [this.#all, this.#byThread.get(nameOf(key)) ?? []])
      for (const listener of listeners)
        if (event.kind === "commit") listener.onCommit?.(event);
        else listener.onChunks?.(event);
  }

  #miss(): void {
    for (const listeners of [this.#all, ...this.#byThread.values()])
      for (const { onGap } of listeners) onGap();
  }
}
