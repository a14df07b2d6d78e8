import { roleIn, threadNotFound } from "../model/decide/access.ts";
import { decide } from "../model/decide/decide.ts";
import type { Decision } from "../model/decide/decide.ts";
import type { Entry } from "../model/entry.ts";
import { SkeinError, isSkeinError } from "../model/error.ts";
import type { DoneOperation, Facts } from "../model/facts.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Capabilities } from "../store/capability.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Chain, CommitItem, Store, ThreadWrite } from "../store/store.ts";
import { loadFactsFor, needsOf } from "./command-facts.ts";
import { othersOf, writesToOthers } from "./other-threads.ts";
import { nameOf } from "./head-cache.ts";
import type { HeadCache } from "./head-cache.ts";
import type { Live } from "./live.ts";
import type { Request } from "./request.ts";

// Beyond 256 the fsync is shared well enough, and the first of the batch waits longer.
const BATCH_COMMANDS = 256;
const ROUNDS_BEFORE_LOCK = 3;
const ROUNDS_UNDER_LOCK = 5;
const QUEUE_BYTES = 67_108_864;

export interface Committed {
  readonly entries: readonly Entry[];
  readonly head: ThreadHead;
  /** The command had been carried out before, under the same idempotency key. */
  readonly done?: DoneOperation;
  /** The other threads that were told of it in the same commit. */
  readonly told?: readonly ThreadKey[];
}

interface Waiting {
  readonly request: Request;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
  rounds: number;
  isSettled: boolean;
  /** Its batch was refused: it goes by itself. */
  isAlone: boolean;
}

interface Decided {
  readonly waiting: Waiting;
  readonly outcome:
    | { readonly type: "write"; readonly write: ThreadWrite }
    | { readonly type: "same"; readonly committed: Committed }
    | { readonly type: "rejected"; readonly error: unknown };
  /** What is written to other threads in the same commit. */
  readonly others?: readonly ThreadWrite[];
}

/**
 * Carries commands to the store in batches. Commands of one thread are decided in the order in which they came, on
 * the head as the earlier ones will leave it; each caller gets its own result after the batch is durable. A command
 * whose base turned out stale is decided again; after three rounds under the store's write lock. No timer: a lone
 * command waits for nothing but its own commit.
 */
export class CommitQueue {
  readonly #store: Store;
  readonly #cache: HeadCache;
  readonly #live: Live;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #isFlushing = false;
  /** The commands of a batch, lately. */
  #expected = 1;
  #idle: Promise<void> = Promise.resolve();

  constructor(store: Store, cache: HeadCache, live: Live) {
    this.#store = store;
    this.#cache = cache;
    this.#live = live;
  }

  submit(request: Request): Promise<Committed> {
    // Whatever its size, one command alone can be carried out.
    if (this.#bytes > 0 && this.#bytes + request.sizeBytes > QUEUE_BYTES)
      return Promise.reject(
        new SkeinError("overloaded", "Too much waits to be written. Try again.", {
          retryAfterMs: 1000,
        }),
      );
    this.#bytes += request.sizeBytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject, rounds: 0, isSettled: false, isAlone: false });
      if (!this.#isFlushing) this.#start();
    });
  }

  /** Tells the threads that came to share a message while it was redacted: forks, which change nothing in their origin, so
   *  that no lock on it holds them up. Those that come later begin with the redacted message. */
  async tellLate(request: Request, { entries, head, told = [] }: Committed): Promise<void> {
    if (entries.length === 0) return;
    const facts = await this.#store.loadFacts(request.key, needsOf(request, head));
    const knowing = new Set(told.map(nameOf));
    const late = othersOf(request, facts, head).filter((key) => !knowing.has(nameOf(key)));
    for (const key of late) {
      let written: readonly ThreadWrite[] = [];
      await this.#store.commitExclusive([key], (heads) => {
        written = writesToOthers(request, [key], heads, null);
        return written.length === 0 ? [] : [[{ writes: written }]];
      });
      this.#publish(written);
    }
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#isFlushing) await this.#idle;
  }

  #start(): void {
    this.#isFlushing = true;
    this.#idle = new Promise((resolve) => {
      // After the microtasks, so that callers woken by one batch are together in the next.
      setImmediate(() => {
        void this.#run().finally(() => {
          this.#isFlushing = false;
          if (this.#waiting.length > 0) this.#start();
          resolve();
        });
      });
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#nextBatch();
      this.#expected = Math.max(batch.length, this.#expected >> 1);
      const putOff = new Set<Waiting>();
      try {
        await this.#flush(batch, putOff);
      } catch (error) {
        // What was put off to the next batch is not part of the failure.
        const failed = batch.filter((waiting) => !putOff.has(waiting) && !waiting.isSettled);
        // Nothing was written, and one of them is the reason: the others must not suffer for it.
        const isOfOne = failed.length > 1 && isSkeinError(error, "limit_exceeded");
        for (const waiting of failed) {
          this.#cache.delete(waiting.request.key);
          waiting.isAlone = isOfOne;
          if (isOfOne) putOff.add(waiting);
          else this.#settle(waiting, () => waiting.reject(error));
        }
      }
      // Ahead of what came later, so that a thread's commands stay in order.
      this.#waiting.unshift(...batch.filter((waiting) => putOff.has(waiting)));
      // Lets the callers of this batch add to the next.
      await new Promise(setImmediate);
    }
  }

  #nextBatch(): Waiting[] {
    const first = this.#waiting.slice(0, BATCH_COMMANDS);
    const alone = first.findIndex(({ isAlone }) => isAlone);
    return this.#waiting.splice(0, alone === -1 ? first.length : Math.max(1, alone));
  }

  /** Callers that were answered together ask again one after another. Waits while each turn of the event loop brings more of
   *  them, because one commit costs less than several; who is alone waits for nobody. */
  async #gather(): Promise<void> {
    let known = 0;
    while (known < this.#waiting.length && this.#waiting.length < this.#expected) {
      known = this.#waiting.length;
      await new Promise(setImmediate);
    }
  }

  async #flush(batch: readonly Waiting[], putOff: Set<Waiting>): Promise<void> {
    const ready: Waiting[] = [];
    for (const waiting of batch)
      if (waiting.rounds < ROUNDS_BEFORE_LOCK) ready.push(waiting);
      else await this.#commitUnderLock(waiting);
    const { heads, loaded } = await this.#headsOf(ready);
    const chains = new Map<string, Decided[]>();
    const delayed = new Set<string>();
    const facts = await loadFactsFor(
      this.#store,
      ready.map(({ request }) => request),
      heads,
    );
    for (const [index, waiting] of ready.entries()) {
      const name = nameOf(waiting.request.key);
      const known = facts[index];
      // What it depends on may be written by a command of this very batch: it goes into the next one.
      if (known === undefined || delayed.has(name)) {
        putOff.add(waiting);
        continue;
      }
      // Several threads change together only under the lock; those behind it stay behind it.
      if (othersOf(waiting.request, known, heads.get(name) ?? null).length > 0) {
        waiting.rounds = ROUNDS_BEFORE_LOCK;
        delayed.add(name);
        putOff.add(waiting);
        continue;
      }
      const decided = decideOn(heads.get(name) ?? null, waiting, known);
      if (decided.outcome.type === "write") heads.set(name, decided.outcome.write.after);
      const chain = chains.get(name);
      if (chain === undefined) chains.set(name, [decided]);
      else chain.push(decided);
    }
    await this.#commit(chains, loaded, putOff);
  }

  /** The heads to decide on, and the names of those that were just loaded. The others are from the cache and may be old. */
  async #headsOf(batch: readonly Waiting[]): Promise<{
    readonly heads: Map<string, ThreadHead | null>;
    readonly loaded: ReadonlySet<string>;
  }> {
    const heads = new Map<string, ThreadHead | null>();
    const missing: ThreadKey[] = [];
    for (const { request } of batch) {
      const name = nameOf(request.key);
      if (heads.has(name)) continue;
      const cached = this.#cache.get(request.key);
      heads.set(name, cached ?? null);
      if (cached === undefined) missing.push(request.key);
    }
    const found = missing.length === 0 ? [] : await this.#store.loadHeads(missing);
    for (const [index, key] of missing.entries()) heads.set(nameOf(key), found[index] ?? null);
    return { heads, loaded: new Set(missing.map(nameOf)) };
  }

  async #commit(
    chains: ReadonlyMap<string, readonly Decided[]>,
    loaded: ReadonlySet<string>,
    putOff: Set<Waiting>,
  ): Promise<void> {
    const toWrite = [...chains.values()].map(itemsOf).filter((chain) => chain.length > 0);
    const results = toWrite.length === 0 ? [] : await this.#store.commit(toWrite);
    let next = 0;
    for (const [name, chain] of chains) {
      const isWriting = chain.some(({ outcome }) => outcome.type === "write");
      const result = isWriting ? (results[next++] ?? []) : [];
      // A head from the cache is proved by the first write on it. Without one, a refusal or “nothing to do” may be
      // about a thread that has moved on in another process.
      if (!loaded.has(name) && result[0] !== "committed") {
        for (const { waiting } of chain) this.#again(waiting, putOff);
        continue;
      }
      let item = 0;
      let isStale = false;
      for (const { waiting, outcome } of chain) {
        if (outcome.type === "write" && result[item++] !== "committed") isStale = true;
        // What was decided behind a stale item was decided on a head that never came to be.
        if (!isStale) {
          this.#finish({ waiting, outcome });
          continue;
        }
        this.#again(waiting, putOff);
      }
    }
  }

  #again(waiting: Waiting, putOff: Set<Waiting>): void {
    this.#cache.delete(waiting.request.key);
    waiting.rounds += 1;
    putOff.add(waiting);
  }

  #finish(decided: Decided): void {
    const { waiting, outcome, others = [] } = decided;
    this.#settle(waiting, () => {
      if (outcome.type === "rejected") return waiting.reject(outcome.error);
      this.#publish(writesOf(decided));
      if (outcome.type === "same") return waiting.resolve(outcome.committed);
      const { entries, after: head } = outcome.write;
      waiting.resolve({ entries, head, told: others.map(({ key }) => key) });
    });
  }

  #publish(writes: readonly ThreadWrite[]): void {
    for (const { key, before, after, entries } of writes) {
      this.#cache.set(key, after);
      this.#live.publish({ key, entries, before, head: after });
    }
  }

  #settle(waiting: Waiting, act: () => void): void {
    if (waiting.isSettled) return;
    waiting.isSettled = true;
    this.#bytes -= waiting.request.sizeBytes;
    act();
  }

  async #commitUnderLock(waiting: Waiting): Promise<void> {
    const { key } = waiting.request;
    for (let round = 0; round < ROUNDS_UNDER_LOCK; round++) {
      const [stored] = await this.#store.loadHeads([key]);
      const needed = needsOf(waiting.request, stored ?? null);
      const facts = await this.#store.loadFacts(key, needed);
      const others = othersOf(waiting.request, facts, stored ?? null);
      const dependsOnHead =
        needed.some(({ kind }) => kind === "message") || waiting.request.command.type === "purge";
      let decided: Decided | undefined;
      const results = await this.#store.commitExclusive([key, ...others], ([head, ...heads]) => {
        // The facts, and who the others are, are about the head that they were asked for.
        if (dependsOnHead && head?.version !== stored?.version) return [];
        decided = withOthers(decideOn(head ?? null, waiting, facts), others, heads, head ?? null);
        return chainsOf(decided, this.#store.capabilities);
      });
      if (decided === undefined) continue;
      if (writesOf(decided).length === 0 || results[0]?.[0] === "committed")
        return this.#finish(decided);
    }
    this.#settle(waiting, () =>
      waiting.reject(
        new SkeinError("overloaded", `Thread ${key.id} is too busy. Try again.`, {
          retryAfterMs: 100,
        }),
      ),
    );
  }
}

function decideOn(head: ThreadHead | null, waiting: Waiting, facts: Facts): Decided {
  const { key, command, context, givenIds, operation } = waiting.request;
  try {
    if (operation !== undefined && facts.operation !== null) {
      const done = repeated(facts.operation, operation.digest, key);
      // Who may not see the thread any more does not see what came of the command either.
      if (head === null || roleIn(head, context.principal) === null) throw threadNotFound(key.id);
      return { waiting, outcome: { type: "same", committed: { entries: [], head, done } } };
    }
    const decision: Decision = decide(head, command, facts, context);
    const { entries, head: after } = decision;
    if (entries.length === 0)
      return { waiting, outcome: { type: "same", committed: { entries, head: after } } };
    const base = head?.version ?? 0;
    const record = operation && { ...operation, fromVersion: base + 1, toVersion: after.version };
    const write: ThreadWrite = {
      key,
      base,
      entries,
      before: head,
      after,
      givenIds,
      ...(record && { operation: record }),
    };
    return { waiting, outcome: { type: "write", write } };
  } catch (error) {
    return { waiting, outcome: { type: "rejected", error } };
  }
}

function withOthers(
  { waiting, outcome }: Decided,
  keys: readonly ThreadKey[],
  heads: readonly (ThreadHead | null)[],
  ownHead: ThreadHead | null,
): Decided {
  // What was done before was done to all.
  const isDone = outcome.type === "same" && outcome.committed.done !== undefined;
  if (isDone || outcome.type === "rejected") return { waiting, outcome };
  try {
    return { waiting, outcome, others: writesToOthers(waiting.request, keys, heads, ownHead) };
  } catch (error) {
    return { waiting, outcome: { type: "rejected", error } };
  }
}

function writesOf({ outcome, others = [] }: Decided): readonly ThreadWrite[] {
  return outcome.type === "write" ? [outcome.write, ...others] : others;
}

function repeated(done: DoneOperation, digest: string, key: ThreadKey): DoneOperation {
  if (done.digest !== digest)
    throw new SkeinError("op_conflict", "This idempotency key was used for another command.", {
      field: "idempotency_key",
      details: { thread_id: done.key.id === key.id ? key.id : null },
    });
  return done;
}

function itemsOf(chain: readonly Decided[]): Chain {
  return chain.flatMap(({ outcome }): readonly CommitItem[] =>
    outcome.type === "write" ? [{ writes: [outcome.write] }] : [],
  );
}

/** What is written under the lock: all threads in one item, or one after another where the store cannot do that. */
function chainsOf(decided: Decided, { multiThreadCommit }: Capabilities): readonly Chain[] {
  const writes = writesOf(decided);
  if (writes.length === 0) return [];
  return [multiThreadCommit ? [{ writes }] : writes.map((write) => ({ writes: [write] }))];
}
