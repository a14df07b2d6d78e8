import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { SCRIPTS } from "./script.ts";
import { listTenants } from "./tenants.ts";

// Nobody sees a thread whose time is over; this is about when its memory is free again.
const ROUND_MS = 30_000;
const AT_ONCE = 20;

/** Removes session threads whose time is over, also when nothing is written any more. */
export class Reaper {
  readonly #backend: Backend;
  #timer: NodeJS.Timeout | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  start(): void {
    // A round that fails is followed by the next.
    const round = (): void => void this.round().catch(() => undefined);
    this.#timer = setInterval(round, ROUND_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async round(): Promise<void> {
    for (const tenant of await listTenants(this.#backend))
      while ((await runFor(this.#backend, tenant, SCRIPTS.reap, String(AT_ONCE))) === AT_ONCE);
  }
}
