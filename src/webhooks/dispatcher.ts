import { randomUUID } from "node:crypto";
import { liveOf } from "../engine/live.ts";
import { isSkeinError } from "../model/error.ts";
import type { Lease } from "../store/lease.ts";
import { Deliverer } from "./deliverer.ts";
import type { DelivererOptions } from "./deliverer.ts";
import type { Endpoint } from "./endpoint.ts";

const LEASE_MS = 15_000;
const SWEEP_MS = 5_000;

export interface DispatcherOptions extends Omit<DelivererOptions, "endpoint" | "owner"> {
  /** Whether this process has what it takes to deliver to it. */
  readonly canDeliver: (endpoint: Endpoint) => boolean;
}

interface Running {
  readonly deliverer: Deliverer;
  readonly lease: Lease;
}

/** Runs a deliverer for every endpoint that no other process delivers to. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #holder: string;
  readonly #running = new Map<string, Running>();
  readonly #stops: readonly (() => void)[];
  readonly #timer: NodeJS.Timeout;
  #isStopped = false;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: DispatcherOptions) {
    const { store, tenant } = options;
    this.#options = options;
    this.#holder = `${store.instance}/${randomUUID()}`;
    const live = liveOf(store);
    const wakeAll = (): void => {
      for (const { deliverer } of this.#running.values()) deliverer.wake();
    };
    const wakeFor = (commit: { readonly tenant: string }): void => {
      if (commit.tenant === tenant) wakeAll();
    };
    this.#stops = [
      live.onCommit(({ key }) => wakeFor(key)),
      live.foreign.listen({ onCommit: wakeFor, onGap: wakeAll }),
    ];
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS);
  }

  /** Starts, tells and stops deliverers, as the endpoints are now. One at a time; never rejects. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping
      .then(() => this.#sweep())
      .catch((error: unknown) => {
        // Nobody can use it any more: without this, a timer would keep the process alive.
        if (isSkeinError(error, "store_closed")) this.#release();
        else this.#options.onError(error);
      });
    return this.#sweeping;
  }

  async stop(): Promise<void> {
    this.#release();
    await this.#sweeping;
    await Promise.all([...this.#running.keys()].map((id) => this.#end(id)));
  }

  #release(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const stop of this.#stops) stop();
  }

  async #sweep(): Promise<void> {
    if (this.#isStopped) return;
    const wanted = new Map<string, Endpoint>();
    for (const endpoint of await this.#options.endpoints.list())
      if (endpoint.settings.isEnabled && this.#options.canDeliver(endpoint))
        wanted.set(endpoint.id, endpoint);
    for (const id of this.#running.keys()) if (!wanted.has(id)) await this.#end(id);
    for (const endpoint of wanted.values()) await this.#keep(endpoint);
  }

  async #keep(endpoint: Endpoint): Promise<void> {
    const { store, tenant } = this.#options;
    const { id, stateVersion } = endpoint;
    const key = `webhook:${tenant}:${id}`;
    const { isMine, lease } = await store.acquireLease(key, this.#holder, LEASE_MS);
    const running = this.#running.get(id);
    // A higher fence means that somebody else had it in between.
    const isKept = isMine && running?.lease.fence === lease.fence && !running.deliverer.hasEnded;
    if (running !== undefined && !isKept) await this.#end(id);
    if (!isMine || this.#isStopped) return;
    if (isKept) {
      if (running.deliverer.stateVersion < stateVersion) running.deliverer.reload();
      return;
    }
    const renewed = await store.acquireLease(key, this.#holder, LEASE_MS);
    if (!renewed.isMine) return;
    const owner = `${this.#holder}/${renewed.lease.fence}`;
    const deliverer = new Deliverer({ ...this.#options, endpoint, owner });
    this.#running.set(id, { deliverer, lease: renewed.lease });
  }

  async #end(id: string): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    if (running === undefined) return;
    await running.deliverer.stop();
    await this.#options.store.releaseLease(running.lease).catch((error: unknown) => {
      if (!isSkeinError(error, "store_closed")) this.#options.onError(error);
    });
  }
}
