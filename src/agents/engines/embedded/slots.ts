import { sleep } from "../../../engine/retry.ts";
import type { Store } from "../../../store/store.ts";
import { crashPoint } from "../../crash-point.ts";
import { nameOfRun } from "../../run-engine.ts";
import type { RunEngineHost, RunRef } from "../../run-engine.ts";
import { RunStop } from "../../run-stop.ts";

const DEFAULT_CONCURRENCY = 16;
const ABANDON_MS = 2_000;

/** What each open store's runs are worked on in this process, by whichever engine. */
const working = new WeakMap<Store, Set<string>>();

/** The runs that a process works on, so many at once, and those that wait for room, first come, first served. */
export class Slots {
  readonly #host: RunEngineHost;
  readonly #concurrency: number;
  readonly #inProcess: Set<string>;
  readonly #waiting = new Map<string, RunRef>();
  readonly #active = new Map<string, { readonly stop: RunStop; readonly done: Promise<void> }>();
  /** Asked for while it was still being worked on: it may have gone on since. */
  readonly #again = new Map<string, RunRef>();

  constructor(host: RunEngineHost) {
    const { store } = host.engine;
    this.#host = host;
    this.#concurrency = host.concurrency ?? DEFAULT_CONCURRENCY;
    this.#inProcess = working.get(store) ?? new Set<string>();
    working.set(store, this.#inProcess);
  }

  /** True for a run that anybody in this process works on. */
  has(ref: RunRef): boolean {
    return this.#inProcess.has(nameOfRun(ref));
  }

  add(ref: RunRef): void {
    const name = nameOfRun(ref);
    if (this.#active.has(name)) this.#again.set(name, ref);
    else if (!this.#inProcess.has(name)) {
      this.#waiting.set(name, ref);
      crashPoint("before-pickup");
      this.#pump();
    }
  }

  cancel(ref: RunRef): void {
    this.#active.get(nameOfRun(ref))?.stop.stop("cancelled");
  }

  /** Forgets what waits, gives what is worked on up to `graceMs`, and then up. */
  async drain(graceMs: number): Promise<void> {
    this.#waiting.clear();
    this.#again.clear();
    await within(graceMs, this.#settled());
    await this.abandon();
  }

  /** Gives up all that is worked on. What does not stop when it is told to has lost nothing but the right to be the only one: the
   *  next claim raises the fence. */
  async abandon(): Promise<void> {
    const abandoned = [...this.#active.values()];
    for (const { stop } of abandoned) stop.stop("abandoned");
    await within(ABANDON_MS, Promise.all(abandoned.map(({ done }) => done)));
    // This process may live on; nobody else would touch what it owns.
    await Promise.all(abandoned.map(({ stop }) => stop.release().catch(this.#host.onError)));
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  #pump(): void {
    for (const [name, ref] of this.#waiting) {
      if (this.#active.size >= this.#concurrency) return;
      this.#waiting.delete(name);
      if (!this.#inProcess.has(name)) this.#start(name, ref);
    }
  }

  #start(name: string, ref: RunRef): void {
    const stop = new RunStop();
    this.#inProcess.add(name);
    const done = this.#host
      .execute(ref, stop)
      .catch(this.#host.onError)
      .finally(() => {
        this.#active.delete(name);
        this.#inProcess.delete(name);
        const again = this.#again.get(name);
        this.#again.delete(name);
        if (again !== undefined) this.#waiting.set(name, again);
        this.#pump();
      });
    this.#active.set(name, { stop, done });
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  await Promise.race([work, sleep(ms, patience.signal).catch(() => undefined)]);
  patience.abort();
}
