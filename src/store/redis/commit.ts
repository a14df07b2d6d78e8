import type { Op } from "../../model/entry.ts";
import type { Chain, ItemResult } from "../store.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { SkeinError } from "../../model/error.ts";
import { channelOf } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { encodeChains } from "./encode-write.ts";
import { storeKeys, tenantKeys } from "./names.ts";
import { listOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";
import type { Script } from "./script.ts";

type Results = readonly (readonly ItemResult[])[];

// Whoever has a lock decides one command under it; a lock that was forgotten ends by itself before that.
const LOCKED_MS = 10_000;
const LONGEST_PAUSE_MS = 50;

/** Commits chains, one script per tenant. A script whose answer was lost runs again, and finds what it has written. */
export class Committer {
  readonly #backend: Backend;
  readonly #ttlMs: number | undefined;
  /** Tenants that the store's list of them has. */
  readonly #listed = new Set<string>();

  constructor(backend: Backend, ttlMs: number | undefined) {
    this.#backend = backend;
    this.#ttlMs = ttlMs;
  }

  /** After the server may have lost data. */
  forget(): void {
    this.#listed.clear();
  }

  /** @param token  of the lock under which this happens */
  async commit(chains: readonly Chain[], token: string = ""): Promise<Results> {
    const results: (readonly ItemResult[])[] = chains.map(() => []);
    const tenants = Map.groupBy(chains.keys(), (index) => tenantOf(chains[index] ?? []));
    for (const [tenant, indexes] of tenants) {
      if (tenant === undefined) continue;
      const ofTenant = indexes.map((index) => chains[index] ?? []);
      const answers = await this.#commitFor(tenant, ofTenant, token);
      for (const [at, index] of indexes.entries()) results[index] = answers[at] ?? [];
    }
    return results;
  }

  async #commitFor(tenant: string, chains: readonly Chain[], token: string): Promise<Results> {
    // What only erases is about threads that are there, and their tenant with them.
    const isErasure = chains.every(isErasing);
    if (!isErasure) await this.#list(tenant);
    const results = chains.map((): ItemResult[] => []);
    let waiting = chains.map((chain, index) => ({ index, chain }));
    const end = performance.now() + LOCKED_MS;
    for (let pause = 2; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const letters = await this.#run(
        tenant,
        waiting.map(({ chain }) => chain),
        token,
        isErasure ? SCRIPTS.commitErasure : SCRIPTS.commit,
      );
      waiting = waiting.flatMap(({ index, chain }, at) => {
        const answers = letters[at] ?? "";
        const locked = answers.indexOf("l");
        const known = locked === -1 ? answers : answers.slice(0, locked);
        for (const letter of known) results[index]?.push(letter === "c" ? "committed" : "stale");
        return locked === -1 ? [] : [{ index, chain: chain.slice(locked) }];
      });
      if (waiting.length === 0) return results;
      if (performance.now() > end)
        throw new SkeinError("store_busy", "A thread was locked for too long. Try again.", {
          retryAfterMs: 1_000,
        });
      await sleep(pause);
    }
  }

  async #run(
    tenant: string,
    chains: readonly Chain[],
    token: string,
    script: Script,
  ): Promise<readonly string[]> {
    const { connection, place, instance } = this.#backend;
    const encoded = encodeChains(chains, this.#ttlMs);
    const args = (isRepeated: boolean): readonly string[] => [
      token,
      isRepeated ? "1" : "0",
      channelOf(place),
      instance,
      ...encoded,
    ];
    const answer = await connection.run(script, tenantKeys(place.prefix, tenant), args);
    return listOf(answer).map(textOf);
  }

  // Before the first commit, because it is in another slot of a cluster: a tenant without threads does no harm.
  async #list(tenant: string): Promise<void> {
    if (this.#listed.has(tenant)) return;
    const { connection, place } = this.#backend;
    await connection.command("SADD", `${storeKeys(place.prefix)}tenants`, JSON.stringify(tenant));
    this.#listed.add(tenant);
  }
}

/** Carried out on a server without memory, too: it is the way to get some. */
const ERASING: ReadonlySet<Op> = new Set([
  "thread.delete",
  "thread.purge",
  "message.redact",
  "retention.trim",
]);

function isErasing(chain: Chain): boolean {
  const writes = chain.flatMap((item) => item.writes);
  return writes.every(
    ({ base, entries }) => base > 0 && entries.every(({ op }) => ERASING.has(op)),
  );
}

function tenantOf(chain: Chain): string | undefined {
  const tenants = new Set(chain.flatMap(({ writes }) => writes.map(({ key }) => key.tenant)));
  if (tenants.size > 1)
    throw new TypeError("Threads of several tenants cannot change in one chain.");
  return [...tenants][0];
}
