import { randomUUID } from "node:crypto";
import type { Entry } from "../../../model/entry.ts";
import { SkeinError } from "../../../model/error.ts";
import type { Message, PathEnd } from "../../../model/message.ts";
import type { Run, Step } from "../../../model/run.ts";
import type { ThreadHead } from "../../../model/thread.ts";
import type { BlobInfo } from "../../blob.ts";
import type { Capabilities } from "../../capability.ts";
import type { Chunk } from "../../chunk.ts";
import type { DuePlace, DueQuery } from "../../due-thread.ts";
import { listDueThreads } from "../due-threads.ts";
import type { Facts, Need } from "../../facts.ts";
import type { Reader, ThreadKey } from "../../key.ts";
import type { Lease } from "../../lease.ts";
import type { LiveBus } from "../../live-bus.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "../../query.ts";
import type { SearchPage, SearchQuery } from "../../search.ts";
import type {
  Chain,
  CheckReport,
  KeptMessage,
  PathRange,
  Store,
  StoreInfo,
  StoredRun,
  ThreadClaims,
} from "../../store.ts";
import { Pulse } from "../../pulse.ts";
import { checkStore } from "../check.ts";
import { encodeChains } from "../encode-write.ts";
import { loadFacts } from "../facts.ts";
import { feedEnd, listFeed, logMark } from "../feed.ts";
import { loadMessages } from "../find-message.ts";
import { listChunks } from "../list-chunks.ts";
import { listClaims } from "../list-claims.ts";
import { loadRelatives } from "../load-relatives.ts";
import { listEntries } from "../list-entries.ts";
import { listKeys } from "../list-keys.ts";
import { listKept } from "../list-kept.ts";
import { listThreads } from "../list-threads.ts";
import { loadBlob } from "../load-blob.ts";
import { loadHeads, loadThread, loadThreads } from "../load-heads.ts";
import { readPath } from "../path.ts";
import { releaseLease } from "../leases.ts";
import {
  listCallingRuns,
  listDueRuns,
  listRunnableRuns,
  listRuns,
  listSteps,
  loadRun,
  threadOfRun,
} from "../runs.ts";
import { ThreadIds } from "../thread-ids.ts";
import { putBlob } from "../write-blobs.ts";
import type { Plan } from "../plan.ts";
import { insertChunks } from "../write-chunks.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { isAlive, takeLease } from "./instances.ts";
import { ANYTHING, OpenedServer } from "./opened-server.ts";
import type { ServerBackend } from "./server-backend.ts";
import type { Written } from "./write-chains.ts";

type Results = Written["results"];

export interface ServerStoreOptions {
  /** For people; never has a password. */
  readonly name: string;
  /** Connects and migrates. Its errors have Skein's codes. */
  readonly openBackend: () => Promise<ServerBackend>;
  readonly bus?: LiveBus;
}

// How often a store that no bus tells of others looks for their commits.
const WATCH_MS = 50;

/** Threads on a database server. Opened by the first call. */
export class ServerStore implements Store {
  readonly name: string;
  readonly capabilities: Capabilities = {
    durable: true,
    multiProcess: true,
    sharedForks: true,
    multiThreadCommit: true,
    search: true,
    serverClock: true,
  };
  readonly instance: string = randomUUID();
  readonly #openBackend: () => Promise<ServerBackend>;
  readonly bus?: LiveBus;
  readonly #watchers = new Set<NodeJS.Timeout>();
  readonly #pulse = new Pulse();
  #opening: Promise<OpenedServer> | undefined;
  #isClosed = false;
  readonly #chunks = new ChunkQueue(async ({ tenant, id }, chunks) => {
    const server = await this.#opened();
    await server.write(function* () {
      const tid = yield* new ThreadIds().find(tenant, id);
      if (tid !== undefined) yield* insertChunks(server.backend.dialect, tid, chunks);
    });
  });

  constructor({ name, openBackend, bus }: ServerStoreOptions) {
    this.name = name;
    this.#openBackend = openBackend;
    if (bus !== undefined) this.bus = bus;
  }

  async open(): Promise<StoreInfo> {
    const { identity, schemaVersion, warnings } = (await this.#opened()).backend;
    return { ...identity, schemaVersion, ...(warnings.length > 0 && { warnings }) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#watchers) clearInterval(timer);
    this.#watchers.clear();
    await this.bus?.close();
    const opening = this.#opening;
    this.#opening = undefined;
    // A store that could not be opened has nothing to close.
    const server = await opening?.catch(() => undefined);
    await server?.close();
  }

  async commit(chains: readonly Chain[]): Promise<Results> {
    const server = await this.#opened();
    return server.commit(encodeChains(chains));
  }

  async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<Results> {
    const server = await this.#opened();
    return server.commitExclusive(keys, (heads) => encodeChains(decide(heads)));
  }

  async loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]> {
    const server = await this.#opened();
    return server.read(() => loadHeads(keys));
  }

  async loadFacts(key: ThreadKey, needs: readonly Need[]): Promise<Facts> {
    const server = await this.#opened();
    const plan = (): Plan<Facts> => loadFacts(server.backend.dialect, key, needs);
    // Ids and operations take one statement, which needs no snapshot.
    return needs.some(({ kind }) => kind === "message") ? server.snapshot(plan) : server.read(plan);
  }

  async loadThread(
    who: Reader,
    id: string,
    knownVersion?: number,
  ): Promise<ThreadHead | "unchanged" | null> {
    const server = await this.#opened();
    return server.read(() => loadThread(server.backend.dialect, who, id, knownVersion));
  }

  async loadThreads(who: Reader, ids: readonly string[]): Promise<readonly (ThreadHead | null)[]> {
    const server = await this.#opened();
    return server.read(() => loadThreads(who, ids));
  }

  async loadRelatives(who: Reader, query: RelativesQuery): Promise<readonly ThreadHead[]> {
    const server = await this.#opened();
    return server.read(() => loadRelatives(who, query));
  }

  async listThreads(who: Reader, query: ThreadQuery): Promise<ThreadPage> {
    const server = await this.#opened();
    await server.listOwn();
    return server.read(() => listThreads(server.backend.dialect, who, query));
  }

  async readPath(
    tenant: string,
    { segment, position, floor }: PathEnd,
    range: PathRange,
  ): Promise<readonly Message[]> {
    const server = await this.#opened();
    const { threadId, number } = segment;
    const end = { tenant, threadId, number, position, floorDepth: floor?.depth };
    return server.read(() => readPath(server.backend.dialect, end, range));
  }

  async loadMessages(key: ThreadKey, ids: readonly string[]): Promise<readonly (Message | null)[]> {
    const server = await this.#opened();
    return server.read(() => loadMessages(key, ids));
  }

  async listEntries(
    key: ThreadKey,
    after: number,
    limit: number,
    maxBytes?: number,
  ): Promise<readonly Entry[]> {
    const server = await this.#opened();
    return server.read(() => listEntries(server.backend.dialect, key, after, limit, maxBytes));
  }

  async listKept(key: ThreadKey, after: number, limit: number): Promise<readonly KeptMessage[]> {
    const server = await this.#opened();
    return server.snapshot(() => listKept(key, after, limit));
  }

  async listKeys(after: ThreadKey | null, limit: number): Promise<readonly ThreadKey[]> {
    const server = await this.#opened();
    return server.read(() => listKeys(after, limit));
  }

  async listClaims(key: ThreadKey, from: number, to: number): Promise<ThreadClaims> {
    const server = await this.#opened();
    return server.read(() => listClaims(key, from, to));
  }

  async loadRun(key: ThreadKey, runId: string): Promise<Run | null> {
    const server = await this.#opened();
    return server.read(() => loadRun(key, runId));
  }

  async threadOfRun(tenant: string, runId: string): Promise<string | null> {
    const server = await this.#opened();
    return server.read(() => threadOfRun(tenant, runId));
  }

  async listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Run[]> {
    const server = await this.#opened();
    return server.read(() => listRuns(key, query));
  }

  async listSteps(key: ThreadKey, runId: string, fromSegment?: number): Promise<readonly Step[]> {
    const server = await this.#opened();
    return server.read(() => listSteps(key, runId, fromSegment));
  }

  async listRunnableRuns(): Promise<readonly StoredRun[]> {
    const server = await this.#opened();
    return server.read(listRunnableRuns);
  }

  async listDueRuns(by: number, limit: number): Promise<readonly StoredRun[]> {
    return (await this.#opened()).read(() => listDueRuns(by, limit));
  }

  async listDueThreads(...query: DueQuery): Promise<readonly DuePlace[]> {
    return (await this.#opened()).read(() => listDueThreads(...query));
  }

  async listCallingRuns(): Promise<readonly StoredRun[]> {
    return (await this.#opened()).read(listCallingRuns);
  }

  async listFeed(who: Reader, query: FeedQuery): Promise<FeedPage> {
    const server = await this.#opened();
    const { dialect, identity } = server.backend;
    return server.read(() => listFeed(dialect, identity, who, query));
  }

  async feedEnd(): Promise<string> {
    const server = await this.#opened();
    const { dialect, identity } = server.backend;
    return server.read(() => feedEnd(dialect, identity));
  }

  watch(onForeignCommit: () => void): () => void {
    let known: string | undefined;
    let isLooking = false;
    const look = async (): Promise<void> => {
      const server = await this.#opened();
      const mark = await server.read(() => logMark(server.backend.dialect));
      const isNew = known !== undefined && mark !== known;
      known = mark;
      if (isNew) onForeignCommit();
    };
    const timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      // A look that fails is repeated; whoever calls the store is told why.
      look()
        .catch(() => undefined)
        .finally(() => {
          isLooking = false;
        });
    }, WATCH_MS).unref();
    this.#watchers.add(timer);
    return () => {
      clearInterval(timer);
      this.#watchers.delete(timer);
    };
  }

  async search(who: Reader, query: SearchQuery): Promise<SearchPage> {
    return (await this.#opened()).search.search(who, query);
  }

  appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    return this.#chunks.append(key, chunks);
  }

  async listChunks(key: ThreadKey, messageId: string): Promise<readonly Chunk[]> {
    const server = await this.#opened();
    return server.read(() => listChunks(key, messageId));
  }

  async putBlob(who: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void> {
    const server = await this.#opened();
    await server.write(
      () => putBlob(server.backend.dialect, who, info, bytes, Date.now()),
      ANYTHING,
    );
  }

  async loadBlob(
    who: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
    const server = await this.#opened();
    return server.read(() => loadBlob(who, sha256, now));
  }

  async acquireLease(
    key: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly isMine: boolean; readonly lease: Lease }> {
    const server = await this.#opened();
    const { dialect, clock } = server.backend;
    return server.write(
      () => takeLease(dialect, clock, key, holder, ttlMs, this.instance),
      ANYTHING,
    );
  }

  async releaseLease(lease: Lease): Promise<void> {
    const server = await this.#opened();
    await server.write(() => releaseLease(lease), ANYTHING);
  }

  async isAlive(instance: string): Promise<boolean> {
    const server = await this.#opened();
    if (instance === this.instance) return true;
    return server.read(() => isAlive(server.backend.clock, instance));
  }

  get lapses(): number {
    return this.#pulse.lapses;
  }

  now(): number {
    return this.#pulse.now() ?? Date.now();
  }

  async check({
    repair,
    rebuild = false,
  }: {
    readonly repair: boolean;
    readonly rebuild?: boolean;
  }): Promise<CheckReport> {
    const server = await this.#opened();
    await server.listOwn();
    await server.follow();
    const plan = () => checkStore(server.backend.dialect, new ThreadIds(), repair);
    if (!repair) return server.snapshot(plan);
    const report = await server.write(plan);
    if (rebuild) await server.search.rebuild();
    return report;
  }

  async #opened(): Promise<OpenedServer> {
    if (this.#isClosed) throw new SkeinError("store_closed", `The store ${this.name} is closed.`);
    this.#opening ??= this.#open();
    try {
      return await this.#opening;
    } catch (error) {
      // The next call tries again.
      this.#opening = undefined;
      throw error;
    }
  }

  async #open(): Promise<OpenedServer> {
    const server = new OpenedServer(await this.#openBackend(), this.instance, this.#pulse);
    try {
      // The first write: proves that writing is possible.
      await server.beat();
      await server.follow();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }
}
