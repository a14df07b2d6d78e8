import { Wake } from "../engine/wake.ts";
import { isSkeinError } from "../model/error.ts";
import { afterFailure, afterSuccess, isDown } from "./circuit.ts";
import { deliverThread } from "./deliver-thread.ts";
import type { DeliveryServices, DeliveryWatch } from "./deliver-thread.ts";
import type { Endpoint, Late, Progress } from "./endpoint.ts";
import type { EndpointStore } from "./endpoint-store.ts";
import { inParallel } from "./in-parallel.ts";
import { readFeed } from "./read-feed.ts";
import type { ThreadChange } from "./read-feed.ts";

const AT_ONCE = 8;
const PAGE = 50;
/** Threads that may wait for an endpoint. With more, the feed waits for them. */
const MOST_LATE = 100;
const SAVE_MS = 1_000;
const SAVE_IDLE_MS = 30_000;
const LOOK_ANYWAY_MS = 60_000;
const UNSETTLED_MS = 50;
const AFTER_FAULT_MS = 5_000;
const REMEMBERED = 1_000;

export interface DelivererOptions extends DeliveryServices {
  readonly endpoints: EndpointStore;
  readonly endpoint: Endpoint;
  /** Names this deliverer among all. */
  readonly owner: string;
  readonly onError: (error: unknown) => void;
}

/** Delivers to one endpoint what the feed of all threads brings, in order per thread. What a failed delivery holds up is noted as a
 *  place in that thread's log; the log is the queue, so an endpoint that is down costs neither memory nor storage. */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #wake = new Wake();
  readonly #stopping = new AbortController();
  /** Where the store does not say since when a thread has changed. */
  readonly #lastSeen = new Map<string, number>();
  readonly #ended: Promise<void>;
  #endpoint: Endpoint;
  #mustReload = false;
  /** `now`: something has failed; `soon`: something was taken; `later`: there was only what nobody wanted. */
  #unsaved: "now" | "soon" | "later" | undefined = "now";
  #savedAt = 0;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#endpoint = { ...options.endpoint, progress: this.#owned(options.endpoint.progress) };
    this.#ended = this.#run();
  }

  /** Of what it goes by. */
  get stateVersion(): number {
    return this.#endpoint.stateVersion;
  }

  get hasEnded(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** There may be something new. */
  wake(): void {
    this.#wake.wake();
  }

  /** The endpoint was changed. */
  reload(): void {
    this.#mustReload = true;
    this.#wake.wake();
  }

  /** Lets what is being sent end and notes how far it got. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  get #progress(): Progress {
    return this.#endpoint.progress;
  }

  set #progress(progress: Progress) {
    this.#endpoint = { ...this.#endpoint, progress };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let isLost = false;
    while (!signal.aborted && !isLost)
      try {
        // Before the first delivery, so that whoever had it before knows.
        isLost = await this.#settle();
        if (isLost || signal.aborted) break;
        const sleepMs = this.#endpoint.settings.isEnabled ? await this.#step() : SAVE_IDLE_MS;
        const mostMs = Math.min(sleepMs, this.#saveInMs(), LOOK_ANYWAY_MS);
        if (mostMs > 0) await this.#wake.sleep(signal, mostMs);
      } catch (error) {
        if (isSkeinError(error, "store_closed")) isLost = true;
        else this.#options.onError(error);
        await this.#wake.sleep(signal, AFTER_FAULT_MS);
      }
    this.#stopping.abort();
    if (!isLost && this.#unsaved !== undefined)
      await this.#save().catch((error: unknown) => this.#options.onError(error));
  }

  /** Reloads and saves what has to be. True when the endpoint is somebody else's, or gone. */
  async #settle(): Promise<boolean> {
    if (this.#mustReload) {
      this.#mustReload = false;
      if (!(await this.#adopt())) return true;
    }
    if (this.#unsaved === undefined || this.#saveInMs() > 0) return false;
    return !(await this.#save());
  }

  /** Takes one round of deliveries. Answers how long there is nothing to do. */
  async #step(): Promise<number> {
    const now = this.#options.clock();
    const { late, pausedUntil } = this.#progress;
    if (isDown(this.#progress)) {
      if ((pausedUntil ?? 0) > now) return (pausedUntil ?? 0) - now;
      return this.#probe(late);
    }
    const due = late.filter(({ nextAt }) => nextAt <= now);
    if (due.length > 0) await this.#deliver(due);
    const isAtEnd = this.#progress.late.length + PAGE <= MOST_LATE ? await this.#read(PAGE) : true;
    if (isAtEnd === false) return 0;
    const next = Math.min(...this.#progress.late.map(({ nextAt }) => nextAt));
    const untilNext = Math.max(0, next - this.#options.clock());
    return isAtEnd === "unsettled" ? Math.min(UNSETTLED_MS, untilNext) : untilNext;
  }

  /** One message to an endpoint that was down: preferably one that did not fail yet, which might be the reason. */
  async #probe(late: readonly Late[]): Promise<number> {
    const untried = late.find(({ tries }) => tries === 0);
    const earliest = late.toSorted((a, b) => a.nextAt - b.nextAt)[0];
    const failures = this.#progress.failures;
    if (untried !== undefined) await this.#deliver([untried], true);
    else {
      if (late.length < MOST_LATE) await this.#read(1, true);
      const isUntouched = this.#progress.failures === failures;
      if (isUntouched && earliest !== undefined) await this.#deliver([earliest], true);
    }
    return isDown(this.#progress) && late.length === 0 && earliest === undefined ? SAVE_MS : 0;
  }

  async #read(limit: number, isProbe = false): Promise<boolean | "unsettled"> {
    const { store, tenant, clock } = this.#options;
    const found = await readFeed(store, tenant, this.#progress, {
      limit,
      now: clock(),
      lastSeen: (threadId) => this.#lastSeen.get(threadId),
    });
    const { changes, next, isAtEnd, isUnsettled } = found;
    if (next.cursor === this.#progress.cursor && changes.length === 0)
      return isUnsettled ? "unsettled" : isAtEnd;
    const known = new Map(this.#progress.late.map((late) => [late.threadId, late]));
    const fresh: Late[] = [];
    for (const change of changes) {
      this.#remember(change);
      const late = known.get(change.threadId);
      if (late === undefined) fresh.push(lateOf(change, clock()));
      else known.set(change.threadId, { ...late, until: Math.max(late.until, change.until) });
    }
    this.#progress = { ...this.#progress, late: [...known.values()] };
    await this.#deliver(fresh, isProbe, next);
    return isUnsettled ? "unsettled" : isAtEnd;
  }

  /** @param next  reached with them */
  async #deliver(
    threads: readonly Late[],
    isProbe = false,
    next: Partial<Progress> = {},
  ): Promise<void> {
    const watch = this.#watch(isProbe);
    const left = await inParallel(threads, AT_ONCE, (late) =>
      deliverThread(this.#options, { endpoint: this.#endpoint, late }, watch),
    );
    const worked = new Set(threads.map(({ threadId }) => threadId));
    const others = this.#progress.late.filter(({ threadId }) => !worked.has(threadId));
    const late = [...others, ...left.flatMap((it) => it ?? [])];
    this.#progress = { ...this.#progress, ...next, late };
    if (late.length > others.length) this.#unsaved = "now";
    this.#unsaved ??= "later";
  }

  #watch(isProbe: boolean): DeliveryWatch {
    const { clock, delaysMs } = this.#options;
    const wasDown = isDown(this.#progress);
    let isFirst = true;
    return {
      mayGoOn: () => {
        const isProbing = isProbe && isFirst;
        isFirst = false;
        const isPaused = isDown(this.#progress) && !(wasDown && isProbing);
        return !this.hasEnded && !isPaused && this.#endpoint.settings.isEnabled;
      },
      succeeded: () => {
        this.#progress = afterSuccess(this.#progress, clock());
        if (this.#unsaved !== "now") this.#unsaved = "soon";
      },
      failed: (failure) => {
        this.#progress = afterFailure(this.#progress, failure, delaysMs);
        this.#unsaved = "now";
      },
      gaveUp: () => {
        this.#progress = { ...this.#progress, dead: this.#progress.dead + 1 };
        this.#unsaved = "now";
      },
      isGone: () => this.#disable(),
    };
  }

  #disable(): void {
    const settings = {
      ...this.#endpoint.settings,
      isEnabled: false,
      disabledReason: "gone",
    } as const;
    this.#endpoint = { ...this.#endpoint, settings };
    const { endpoints, endpoint, onError } = this.#options;
    endpoints
      .update(endpoint.id, ({ settings: now }) => ({
        settings: { ...now, isEnabled: false, disabledReason: "gone" },
      }))
      .then(() => this.reload(), onError);
  }

  /** False when the endpoint is somebody else's, or gone. */
  async #save(): Promise<boolean> {
    const { endpoints } = this.#options;
    for (;;) {
      const saving = this.#unsaved;
      this.#unsaved = undefined;
      this.#savedAt = performance.now();
      try {
        const { stateVersion } = await endpoints.saveProgress(this.#endpoint, this.#progress);
        this.#endpoint = { ...this.#endpoint, stateVersion };
        return true;
      } catch (error) {
        this.#unsaved = saving;
        if (isSkeinError(error, "webhook_not_found")) return false;
        if (!isSkeinError(error, "version_conflict")) throw error;
        if (!(await this.#adopt())) return false;
      }
    }
  }

  /** Takes over what was changed from outside. False when the endpoint is somebody else's, or gone. */
  async #adopt(): Promise<boolean> {
    const stored = await this.#options.endpoints.find(this.#endpoint.id);
    if (stored === undefined) return false;
    const { owner } = stored.progress;
    const isFirst = this.#savedAt === 0;
    if (owner === this.#options.owner) this.#endpoint = { ...stored, progress: this.#progress };
    // Without an owner somebody has set it to another place.
    else if (owner === "" || isFirst) {
      this.#endpoint = { ...stored, progress: this.#owned(stored.progress) };
      this.#lastSeen.clear();
      this.#unsaved = "now";
    } else return false;
    return true;
  }

  #owned(progress: Progress): Progress {
    return { ...progress, owner: this.#options.owner };
  }

  #saveInMs(): number {
    if (this.#unsaved === undefined) return Number.POSITIVE_INFINITY;
    if (this.#savedAt === 0 || this.#unsaved === "now") return 0;
    const wait = this.#unsaved === "soon" ? SAVE_MS : SAVE_IDLE_MS;
    return Math.max(0, this.#savedAt + wait - performance.now());
  }

  #remember({ threadId, until }: ThreadChange): void {
    this.#lastSeen.delete(threadId);
    this.#lastSeen.set(threadId, until);
    const oldest = this.#lastSeen.keys().next();
    if (this.#lastSeen.size > REMEMBERED && oldest.done !== true)
      this.#lastSeen.delete(oldest.value);
  }
}

function lateOf({ threadId, since, until }: ThreadChange, now: number): Late {
  return {
    threadId,
    version: since + 1,
    slot: 0,
    until,
    tries: 0,
    nextAt: now,
    event: null,
    failure: null,
  };
}
