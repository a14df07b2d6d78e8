import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ThreadHead } from "../../../model/thread.ts";
import type { ThreadKey } from "../../key.ts";
import { Pulse } from "../../pulse.ts";
import { loadHeads } from "../load-heads.ts";
import type { Plan } from "../plan.ts";
import type { ChainRecord } from "../records.ts";
import { ServerSearch } from "../search/server-search.ts";
import { ThreadIds } from "../thread-ids.ts";
import { BEAT_MS, beat, leave } from "./instances.ts";
import { followLog, moveSome } from "./listing-flush.ts";
import { lockHeads } from "./lock-heads.ts";
import { outcomeOf } from "./outcome.ts";
import { retrying } from "./retry.ts";
import { runPlan } from "./run-plan.ts";
import type { ServerBackend } from "./server-backend.ts";
import type { TroubleKind } from "./server-driver.ts";
import { ownIds, writeChains } from "./write-chains.ts";
import type { Written } from "./write-chains.ts";

const FLUSH_MS = 500;

// Long enough for a connection that broke, or a server that starts anew by itself; callers wait.
const RESOLVE_WITHIN_MS = 2_000;
const RESOLVE_EVERY_MS = 50;

const HARMLESS: readonly TroubleKind[] = ["conflict", "passing"];
/** For what may as well happen twice. */
export const ANYTHING: readonly TroubleKind[] = [...HARMLESS, "lost"];

/** A backend at work: runs plans, keeps lists behind the log, and shows that it lives. */
export class OpenedServer {
  readonly backend: ServerBackend;
  readonly instance: string;
  readonly search: ServerSearch;
  readonly #pulse: Pulse;
  readonly #ids = new ThreadIds();
  readonly #touched = new Set<number>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #isBehind = true;
  #following: Promise<void> | undefined;

  constructor(backend: ServerBackend, instance: string = randomUUID(), pulse: Pulse = new Pulse()) {
    this.backend = backend;
    this.instance = instance;
    this.#pulse = pulse;
    this.search = new ServerSearch(backend.dialect, backend.search, this);
    this.#timers = [
      setInterval(() => void this.beat().catch(() => undefined), BEAT_MS).unref(),
      setInterval(() => void this.follow().catch(() => undefined), FLUSH_MS).unref(),
      setInterval(
        () => void this.search.follow(this.#closing.signal).catch(() => undefined),
        FLUSH_MS,
      ).unref(),
    ];
  }

  async beat(): Promise<void> {
    const { dialect, clock } = this.backend;
    await this.#pulse.beat(() => this.write(() => beat(dialect, clock, this.instance), ANYTHING));
  }

  /** Runs a plan whose statements stand by themselves. */
  read<T>(plan: () => Plan<T>): Promise<T> {
    return this.#retrying(() => runPlan(this.backend.driver, plan()), ANYTHING);
  }

  /** Runs a plan on one state of the data. */
  snapshot<T>(plan: () => Plan<T>): Promise<T> {
    const { driver } = this.backend;
    return this.#retrying(() => driver.snapshot((session) => runPlan(session, plan())), ANYTHING);
  }

  /** Runs a plan in a transaction.
   *  @param kinds  `ANYTHING` for a plan that may as well take effect twice */
  write<T>(plan: () => Plan<T>, kinds: readonly TroubleKind[] = HARMLESS): Promise<T> {
    const { driver } = this.backend;
    return this.#retrying(() => driver.transaction((session) => runPlan(session, plan())), kinds);
  }

  async commit(chains: readonly ChainRecord[]): Promise<Written["results"]> {
    return this.#committing(
      () => this.backend.commit(chains, this.#ids),
      () => chains,
    );
  }

  /** Locks the heads, and commits what is decided on them. */
  async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly ChainRecord[],
  ): Promise<Written["results"]> {
    const { backend } = this;
    const { driver, dialect } = backend;
    let chains: readonly ChainRecord[] = [];
    return this.#committing(
      () =>
        driver.transaction(async (session) => {
          await runPlan(session, lockHeads(dialect, new ThreadIds(), keys));
          chains = decide(await runPlan(session, loadHeads(keys)));
          await backend.lockLog(session);
          return runPlan(session, writeChains(dialect, ownIds(this.#ids, chains), chains));
        }),
      () => chains,
    );
  }

  /** Brings what this store changed to its place in the lists. */
  async listOwn(): Promise<void> {
    while (this.#touched.size > 0) {
      const moved = await this.write(() => moveSome(this.backend.dialect, this.#touched));
      for (const tid of moved) this.#touched.delete(tid);
    }
  }

  /** The same for whatever was committed, by anybody; also by those who died before they could. */
  follow(): Promise<void> {
    if (!this.#isBehind) return Promise.resolve();
    this.#following ??= this.#follow().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#closing.abort();
    // Calls that were made before start in the meantime.
    await new Promise(setImmediate);
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    // The next one to open does what is left.
    await this.listOwn().catch(() => undefined);
    await this.write(() => leave(this.backend.clock, this.instance)).catch(() => undefined);
    await this.backend.close();
  }

  async #follow(): Promise<void> {
    this.#isBehind = false;
    try {
      const { signal } = this.#closing;
      while (!signal.aborted && (await this.write(() => followLog(this.backend.dialect))));
    } catch (error) {
      this.#isBehind = true;
      throw error;
    }
  }

  async #committing(
    work: () => Promise<Written>,
    chains: () => readonly ChainRecord[],
  ): Promise<Written["results"]> {
    const { results, log } = await this.#retrying(async () => {
      try {
        return await work();
      } catch (error) {
        if (this.backend.troubleOf(error).kind !== "lost") throw error;
        const outcome = await this.#outcomeOf(chains());
        if (outcome === undefined) throw error;
        return outcome;
      }
    }, HARMLESS);
    this.#note(log.tids);
    return results;
  }

  /** Asks until the server answers again, but not for long. */
  async #outcomeOf(chains: readonly ChainRecord[]): Promise<Written | undefined> {
    const deadline = performance.now() + RESOLVE_WITHIN_MS;
    for (;;)
      try {
        return await runPlan(this.backend.driver, outcomeOf(chains));
      } catch (error) {
        if (performance.now() > deadline) return undefined;
        const { kind } = this.backend.troubleOf(error);
        if (kind === "final" || kind === "conflict") return undefined;
        await sleep(RESOLVE_EVERY_MS);
      }
  }

  #note(tids: ReadonlySet<number>): void {
    for (const tid of tids) this.#touched.add(tid);
    this.#isBehind = true;
    this.search.noteCommit();
  }

  async #retrying<T>(work: () => Promise<T>, kinds: readonly TroubleKind[]): Promise<T> {
    const underWay = retrying(work, (error) => this.backend.troubleOf(error), kinds);
    this.#underWay.add(underWay);
    try {
      return await underWay;
    } finally {
      this.#underWay.delete(underWay);
    }
  }
}
