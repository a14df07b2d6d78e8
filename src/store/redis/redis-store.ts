import { randomUUID } from "node:crypto";
import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import type { Message, PathEnd } from "../../model/message.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Capabilities } from "../capability.ts";
import type { Chunk } from "../chunk.ts";
import type { DuePlace, DueQuery } from "../due-thread.ts";
import { listDueThreads } from "./due-threads.ts";
import type { Facts, Need } from "../facts.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { SearchPage } from "../search.ts";
import type {
  Chain,
  CheckReport,
  ItemResult,
  KeptMessage,
  PathRange,
  Store,
  StoreInfo,
  StoredRun,
  ThreadClaims,
} from "../store.ts";
import type { Backend } from "./backend.ts";
import { loadBlob, putBlob } from "./blobs.ts";
import type { LiveBus } from "../live-bus.ts";
import { checkStore } from "./check.ts";
import { appendChunks, listChunks } from "./chunks.ts";
import { Committer } from "./commit.ts";
import { Connection } from "./connection.ts";
import { underLock } from "./exclusive.ts";
import { feedEnd, listFeed } from "./feed.ts";
import { loadHeads, loadRelatives, loadThread, loadThreads } from "./heads.ts";
import { Heartbeat, isAlive } from "./heartbeat.ts";
import { identify } from "./identify.ts";
import type { Identity } from "./identify.ts";
import { acquireLease, releaseLease } from "./leases.ts";
import { listClaims } from "./list-claims.ts";
import { listEntries } from "./list-entries.ts";
import { listKeys } from "./list-keys.ts";
import { listKept } from "./list-kept.ts";
import { listThreads } from "./list-threads.ts";
import { loadFacts } from "./load-facts.ts";
import { loadMessages } from "./load-messages.ts";
import { readPath } from "./read-path.ts";
import { Reaper } from "./reaper.ts";
import { busAt } from "./redis-bus.ts";
import { storeClosed } from "./redis-error.ts";
import { parsePlace } from "./redis-url.ts";
import type { Place, RedisStoreOptions } from "./redis-url.ts";
import {
  listCallingRuns,
  listDueRuns,
  listRunnableRuns,
  listRuns,
  listSteps,
  loadRun,
  threadOfRun,
} from "./runs.ts";
import { watchCommits } from "./watch.ts";

export { redisBus } from "./redis-bus.ts";
export type { RedisBusOptions } from "./redis-bus.ts";
export type { RedisStoreOptions } from "./redis-url.ts";

/**
 * Threads on a Redis server (7 or newer), which several processes may use at once. Opened by the first call. Needs the
 * package `redis`.
 *
 * Durable only where the server has `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`; where not,
 * `open` answers warnings. Has no full-text search. A call that meets a broken connection is repeated for 10 seconds, then
 * fails with `store_unavailable`; a commit that is repeated is written once.
 *
 * @param url  `redis[s]://[user:password@]host[:port][/database][?prefix=…&ttl=…]`
 */
export function redisStore(url: string, options: RedisStoreOptions = {}): Store {
  return new RedisStore(parsePlace(url, options));
}

class RedisStore implements Store {
  readonly name: string;
  readonly instance: string = randomUUID();
  readonly bus: LiveBus;
  readonly #backend: Backend;
  readonly #committer: Committer;
  readonly #heartbeat: Heartbeat;
  readonly #reaper: Reaper;
  readonly #unwatch = new Set<() => void>();
  #identity: Identity | undefined;
  #closing: Promise<void> | undefined;
  #calls = 0;
  #whenIdle: (() => void) | undefined;

  constructor(place: Place) {
    this.name = place.name;
    this.bus = busAt(place);
    const connection = new Connection(place, async (fresh) => {
      this.#identity = await identify(fresh, place);
      this.#committer.forget();
      await this.#heartbeat.start(fresh, connection);
    });
    this.#backend = {
      place,
      instance: this.instance,
      connection,
      identity: () => this.#known(),
    };
    this.#committer = new Committer(this.#backend, place.ttlMs);
    this.#heartbeat = new Heartbeat(place, this.instance);
    this.#reaper = new Reaper(this.#backend);
    if (place.ttlMs !== undefined) this.#reaper.start();
  }

  /** What depends on the server's settings is known once the store was opened, and false before. */
  get capabilities(): Capabilities {
    return {
      durable: this.#identity?.persistence.isDurable ?? false,
      multiProcess: true,
      sharedForks: true,
      multiThreadCommit: true,
      search: false,
      serverClock: true,
    };
  }

  async open(): Promise<StoreInfo> {
    await this.#use(({ connection }) => connection.command("PING"));
    const { storeId, epoch, schemaVersion, warnings } = this.#known();
    return { storeId, epoch, schemaVersion, ...(warnings && { warnings }) };
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#reaper.stop();
    for (const stop of this.#unwatch) stop();
    if (this.#calls > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    const { connection } = this.#backend;
    await this.bus.close();
    await this.#heartbeat.stop(connection);
    await connection.close();
  }

  async commit(chains: readonly Chain[]): Promise<readonly (readonly ItemResult[])[]> {
    return this.#use(() => this.#committer.commit(chains));
  }

  async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<readonly (readonly ItemResult[])[]> {
    return this.#use((backend) =>
      underLock(backend, keys, async (token) => {
        const heads = await loadHeads(backend, keys);
        return this.#committer.commit(decide(heads), token);
      }),
    );
  }

  async loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]> {
    return this.#use((backend) => loadHeads(backend, keys));
  }

  async loadFacts(key: ThreadKey, needs: readonly Need[]): Promise<Facts> {
    return this.#use((backend) => loadFacts(backend, key, needs));
  }

  async loadThread(
    reader: Reader,
    id: string,
    knownVersion?: number,
  ): Promise<ThreadHead | "unchanged" | null> {
    return this.#use((backend) => loadThread(backend, reader, id, knownVersion));
  }

  async loadThreads(
    reader: Reader,
    ids: readonly string[],
  ): Promise<readonly (ThreadHead | null)[]> {
    return this.#use((backend) => loadThreads(backend, reader, ids));
  }

  async loadRelatives(reader: Reader, query: RelativesQuery): Promise<readonly ThreadHead[]> {
    return this.#use((backend) => loadRelatives(backend, reader, query));
  }

  async listThreads(reader: Reader, query: ThreadQuery): Promise<ThreadPage> {
    return this.#use((backend) => listThreads(backend, reader, query));
  }

  async readPath(tenant: string, end: PathEnd, range: PathRange): Promise<readonly Message[]> {
    return this.#use((backend) => readPath(backend, tenant, end, range));
  }

  async loadMessages(key: ThreadKey, ids: readonly string[]): Promise<readonly (Message | null)[]> {
    return this.#use((backend) => loadMessages(backend, key, ids));
  }

  async listEntries(
    key: ThreadKey,
    after: number,
    limit: number,
    maxBytes?: number,
  ): Promise<readonly Entry[]> {
    return this.#use((backend) => listEntries(backend, key, after, limit, maxBytes));
  }

  async listKept(key: ThreadKey, after: number, limit: number): Promise<readonly KeptMessage[]> {
    return this.#use((backend) => listKept(backend, key, after, limit));
  }

  async listKeys(after: ThreadKey | null, limit: number): Promise<readonly ThreadKey[]> {
    return listKeys(this.#backend, after, limit);
  }

  async listClaims(key: ThreadKey, from: number, to: number): Promise<ThreadClaims> {
    return listClaims(this.#backend, key, from, to);
  }

  async loadRun(key: ThreadKey, runId: string): Promise<Run | null> {
    return this.#use((backend) => loadRun(backend, key, runId));
  }

  async threadOfRun(tenant: string, runId: string): Promise<string | null> {
    return this.#use((backend) => threadOfRun(backend, tenant, runId));
  }

  async listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Run[]> {
    return this.#use((backend) => listRuns(backend, key, query));
  }

  async listSteps(key: ThreadKey, runId: string, fromSegment?: number): Promise<readonly Step[]> {
    return this.#use((backend) => listSteps(backend, key, runId, fromSegment));
  }

  async listRunnableRuns(): Promise<readonly StoredRun[]> {
    return this.#use(listRunnableRuns);
  }

  async listDueRuns(by: number, limit: number): Promise<readonly StoredRun[]> {
    return this.#use((backend) => listDueRuns(backend, by, limit));
  }

  async listDueThreads(...query: DueQuery): Promise<readonly DuePlace[]> {
    return this.#use((backend) => listDueThreads(backend, ...query));
  }

  async listCallingRuns(): Promise<readonly StoredRun[]> {
    return this.#use(listCallingRuns);
  }

  async listFeed(reader: Reader, query: FeedQuery): Promise<FeedPage> {
    // Whether the cursor is of this store is known once it is open.
    if (this.#identity === undefined) await this.open();
    return this.#use((backend) => listFeed(backend, reader, query));
  }

  async feedEnd(tenant: string): Promise<string> {
    return this.#use((backend) => feedEnd(backend, tenant));
  }

  watch(onForeignCommit: () => void): () => void {
    if (this.#closing !== undefined) throw storeClosed(this.name);
    const watching = watchCommits(this.#backend, onForeignCommit);
    const stop = (): void => {
      this.#unwatch.delete(stop);
      // Without the driver there is nothing to watch, as the next call tells.
      void watching.then((end) => end()).catch(() => undefined);
    };
    this.#unwatch.add(stop);
    return stop;
  }

  async search(): Promise<SearchPage> {
    throw new SkeinError(
      "unsupported_capability",
      `The store ${this.name} has no full-text search.`,
    );
  }

  async appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    return this.#use((backend) => appendChunks(backend, key, chunks));
  }

  async listChunks(key: ThreadKey, messageId: string): Promise<readonly Chunk[]> {
    return this.#use((backend) => listChunks(backend, key, messageId));
  }

  async putBlob(reader: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void> {
    return this.#use((backend) => putBlob(backend, reader, info, bytes));
  }

  async loadBlob(
    reader: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
    return this.#use((backend) => loadBlob(backend, reader, sha256, now));
  }

  async acquireLease(
    key: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly isMine: boolean; readonly lease: Lease }> {
    return this.#use((backend) => acquireLease(backend, key, holder, ttlMs));
  }

  async releaseLease(lease: Lease): Promise<void> {
    return this.#use((backend) => releaseLease(backend, lease));
  }

  async isAlive(instance: string): Promise<boolean> {
    return this.#use(({ connection, place }) => isAlive(connection, place, instance));
  }

  get lapses(): number {
    return this.#heartbeat.pulse.lapses;
  }

  now(): number {
    return this.#heartbeat.pulse.now() ?? Date.now();
  }

  async check({ repair }: { readonly repair: boolean }): Promise<CheckReport> {
    return this.#use((backend) => checkStore(backend, repair));
  }

  /** What closing waits for. */
  async #use<T>(work: (backend: Backend) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw storeClosed(this.name);
    this.#calls += 1;
    try {
      return await work(this.#backend);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#whenIdle?.();
    }
  }

  #known(): Identity {
    if (this.#identity === undefined) throw new TypeError("The store is not open yet.");
    return this.#identity;
  }
}
