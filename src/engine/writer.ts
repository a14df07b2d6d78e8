import { randomUUID } from "node:crypto";
import { requireRole } from "../model/decide/access.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Principal } from "../model/principal.ts";
import type { Lease } from "../store/lease.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import { debounced } from "./debounced.ts";
import type { Debounced } from "./debounced.ts";
import { observe } from "./observe.ts";
import type { ThreadWriter, WriterOptions, WriterState } from "./thread-writer.ts";
import { create } from "./threads.ts";
import { changesBetween, checkState, loadState } from "./writer-state.ts";

const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const DEBOUNCE_MS = 1_000;

export async function acquireWriter(
  core: Core,
  base: Principal,
  threadId: string,
  options: WriterOptions = {},
): Promise<ThreadWriter> {
  const principal = principalOf(base, options);
  if (options.create === true) await createIfMissing(core, principal, threadId);
  const head = await readHead(core, principal, threadId);
  requireRole(head, principal, "editor");
  const name = `writer:${principal.tenant}:${threadId}`;
  const holder = `${core.store.instance}/${randomUUID()}`;
  const { isMine, lease } = await core.store.acquireLease(name, holder, LEASE_MS);
  if (!isMine)
    throw new SkeinError("writer_busy", `Another writer has thread ${threadId}.`, {
      details: { holder: lease.holder, expires_at: new Date(lease.expiresAt).toISOString() },
      retryAfterMs: Math.max(0, lease.expiresAt - core.clock()),
    });
  // Loaded under the lease: an earlier writer may have written until then.
  const state = await loadState(core, await readHead(core, principal, threadId));
  return new Writer({ core, principal, lease, state, options });
}

async function createIfMissing(core: Core, principal: Principal, id: string): Promise<void> {
  try {
    await create(core, principal, { id });
  } catch (error) {
    if (!isSkeinError(error, "id_conflict")) throw error;
  }
}

interface WriterInput {
  readonly core: Core;
  readonly principal: Principal;
  readonly lease: Lease;
  readonly state: WriterState;
  readonly options: WriterOptions;
}

class Writer implements ThreadWriter {
  readonly #core: Core;
  readonly #principal: Principal;
  readonly #options: WriterOptions;
  readonly #saved: Debounced<WriterState>;
  readonly #timer: NodeJS.Timeout;
  readonly #ended = new AbortController();
  #lease: Lease;
  #state: WriterState;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ core, principal, lease, state, options }: WriterInput) {
    this.#core = core;
    this.#principal = principal;
    this.#lease = lease;
    this.#state = state;
    this.#options = options;
    this.#saved = debounced((saved) => this.#notify(saved), options.debounceMs ?? DEBOUNCE_MS);
    this.#timer = setInterval(() => void this.#renew().catch(() => {}), RENEW_MS).unref();
  }

  get state(): WriterState {
    return this.#state;
  }

  get fence(): number {
    return this.#lease.fence;
  }

  modify(
    modifier: (current: WriterState) => WriterState | Promise<WriterState>,
  ): Promise<WriterState> {
    // One after the other, whatever the caller awaits; one that failed does not hold up the next.
    const result = this.#last.then(() => this.#modify(modifier));
    this.#last = result.catch(() => {});
    return result;
  }

  async *observe(): AsyncGenerator<WriterState, void, undefined> {
    let seen = this.#state;
    yield seen;
    const { signal } = this.#ended;
    const entries = observe(this.#core, this.#principal, seen.id, { after: seen.v, signal });
    for await (const { version } of entries) {
      if (version <= seen.v) continue;
      seen = await this.#reloaded();
      yield seen;
    }
  }

  async dispose(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    await this.#last;
    this.#ended.abort();
    clearInterval(this.#timer);
    this.#saved.flush();
    await this.#core.store.releaseLease(this.#lease);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #modify(
    modifier: (current: WriterState) => WriterState | Promise<WriterState>,
  ): Promise<WriterState> {
    for (;;) {
      const current = await this.#reloaded();
      // A copy, so that a modifier may also change what it is given.
      const next = checkState(await modifier(structuredClone(current)));
      if (!(next.v > current.v))
        throw new SkeinError(
          "version_not_incremented",
          `The modified thread has version ${next.v}; it must be above ${current.v}.`,
          { field: "v", details: { actual: next.v, current: current.v } },
        );
      const command = await changesBetween(this.#core, this.#principal, current, next);
      await this.#renew();
      try {
        await write(this.#core, {
          principal: this.#principal,
          threadId: current.id,
          command,
          options: { expectedVersion: current.v },
        });
      } catch (error) {
        // Somebody may always append; the modifier gets to see it.
        if (isSkeinError(error, "version_conflict")) continue;
        throw error;
      }
      const state = await this.#reloaded();
      this.#saved.call(state);
      return state;
    }
  }

  async #reloaded(): Promise<WriterState> {
    const head = await readHead(this.#core, this.#principal, this.#state.id);
    if (head.version !== this.#state.v) this.#state = await loadState(this.#core, head);
    return this.#state;
  }

  async #renew(): Promise<void> {
    const { key, holder, fence } = this.#lease;
    if (this.#ended.signal.aborted)
      throw new SkeinError("lease_lost", `The writer of thread ${this.#state.id} was disposed.`);
    const { isMine, lease } = await this.#core.store.acquireLease(key, holder, LEASE_MS);
    // A higher fence means that somebody else had it in between.
    if (!isMine || lease.fence !== fence) {
      const lost = new SkeinError(
        "lease_lost",
        `Another writer took thread ${this.#state.id} over.`,
        {
          details: { holder: lease.holder },
        },
      );
      clearInterval(this.#timer);
      this.#options.onError?.(lost);
      throw lost;
    }
    this.#lease = lease;
  }

  #notify(state: WriterState): void {
    try {
      this.#options.onSave?.(state);
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}
