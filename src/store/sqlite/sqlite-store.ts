import { resolve } from "node:path";
import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import type { Message, SegmentRef } from "../../model/message.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Capabilities } from "../capability.ts";
import type { Chunk } from "../chunk.ts";
import type { DuePlace, DueQuery } from "../due-thread.ts";
import type { Facts, Need } from "../facts.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type {
  Chain,
  CheckReport,
  KeptMessage,
  PathRange,
  Store,
  StoreInfo,
  StoredRun,
  ThreadClaims,
} from "../store.ts";
import { encodeChains } from "../sql/encode-write.ts";
import { Instance } from "./instances.ts";
import { Onlooker } from "./onlooker.ts";
import { openBackend } from "./backend.ts";
import type { Backend, BackendOptions } from "./backend.ts";
import { SCHEMA_VERSION } from "./migrations.ts";
import type { ChainRecord } from "../sql/records.ts";
import type { Committed } from "./writer.ts";

const WATCH_MS = 100;

/** Log rows that a feed looks at in less time than it takes to ask another thread. */
const SHORT_FEED = 100;

type Results = Committed["results"];

export interface SqliteStoreOptions {
  /** The file; made with its folder if absent. Beside it come `-wal`, `-shm`, `-instances` and the search index. */
  readonly path: string;
  /** `FULL` (default): acknowledged writes survive a loss of power. `NORMAL`: only a crash of the process. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** Commits, searches and filtered lists on threads of their own, so that the event loop stays free. For servers;
   *  costs about 0.1 ms per call. Default false. */
  readonly threads?: boolean;
}

/** Threads in one SQLite file, which several processes may use at once. Opened by the first call. */
export function sqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore(options);
}

class SqliteStore implements Store {
  readonly name: string;
  readonly capabilities: Capabilities = {
    durable: true,
    multiProcess: true,
    sharedForks: true,
    multiThreadCommit: true,
    search: true,
    serverClock: false,
  };
  readonly #options: BackendOptions;
  readonly #instance: Instance;
  readonly #onlooker: Onlooker;
  readonly #watchers = new Set<NodeJS.Timeout>();
  #opening: Promise<Backend> | undefined;
  #backend: Backend | undefined;
  #isClosed = false;

  constructor({ path, synchronous = "FULL", threads = false }: SqliteStoreOptions) {
    this.name = `sqlite ${path}`;
    // The working directory may change before the file is opened.
    this.#options = { path: resolve(path), synchronous, threads };
    this.#instance = new Instance(this.#options.path);
    this.#onlooker = new Onlooker(this.#options.path);
  }

  get instance(): string {
    if (!this.#isClosed) this.#instance.hold();
    return this.#instance.id;
  }

  async open(): Promise<StoreInfo> {
    const { identity } = await this.#opened();
    return { ...identity, schemaVersion: SCHEMA_VERSION };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#watchers) clearInterval(timer);
    const opening = this.#opening;
    this.#opening = undefined;
    this.#backend = undefined;
    // A store that could not be opened has nothing to close.
    const backend = await opening?.catch(() => undefined);
    await backend?.close();
    this.#instance.release();
  }

  async commit(chains: readonly Chain[]): Promise<Results> {
    const backend = this.#backend ?? (await this.#opened());
    return settle(backend, await backend.writer.commit(encodeChains(chains)));
  }

  async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<Results> {
    const backend = await this.#opened();
    const encode = (heads: readonly (ThreadHead | null)[]): readonly ChainRecord[] =>
      encodeChains(decide(heads));
    return settle(backend, await backend.writer.commitExclusive(keys, encode));
  }

  async loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]> {
    const { reader } = await this.#opened();
    return reader.loadHeads(keys);
  }

  async loadFacts(key: ThreadKey, needs: readonly Need[]): Promise<Facts> {
    const { reader } = await this.#opened();
    return reader.loadFacts(key, needs);
  }

  async loadThread(
    who: Reader,
    id: string,
    knownVersion?: number,
  ): Promise<ThreadHead | "unchanged" | null> {
    const { reader } = await this.#opened();
    return reader.loadThread(who, id, knownVersion);
  }

  async loadThreads(who: Reader, ids: readonly string[]): Promise<readonly (ThreadHead | null)[]> {
    const { reader } = await this.#opened();
    return reader.loadThreads(who, ids);
  }

  async listThreads(who: Reader, query: ThreadQuery): Promise<ThreadPage> {
    const { writer, reader, slowReader } = await this.#opened();
    if (reader.isListingBehind()) await writer.flushListing();
    const { tag, metadata, title, status, agentId } = query;
    const isFiltered = [tag, metadata, title, status, agentId].some((it) => it !== undefined);
    return isFiltered ? slowReader.listThreads(who, query) : reader.listThreads(who, query);
  }

  async loadRelatives(who: Reader, query: RelativesQuery): Promise<readonly ThreadHead[]> {
    const { reader } = await this.#opened();
    return reader.loadRelatives(who, query);
  }

  async readPath(
    tenant: string,
    end: { readonly segment: SegmentRef; readonly position: number },
    range: PathRange,
  ): Promise<readonly Message[]> {
    const { reader } = await this.#opened();
    return reader.readPath(tenant, end, range);
  }

  async loadMessages(key: ThreadKey, ids: readonly string[]): Promise<readonly (Message | null)[]> {
    const { reader } = await this.#opened();
    return reader.loadMessages(key, ids);
  }

  async listEntries(
    key: ThreadKey,
    after: number,
    limit: number,
    maxBytes?: number,
  ): Promise<readonly Entry[]> {
    const { reader } = await this.#opened();
    return reader.listEntries(key, after, limit, maxBytes);
  }

  async listKept(key: ThreadKey, after: number, limit: number): Promise<readonly KeptMessage[]> {
    const { reader } = await this.#opened();
    return reader.listKept(key, after, limit);
  }

  async listKeys(after: ThreadKey | null, limit: number): Promise<readonly ThreadKey[]> {
    const { reader } = await this.#opened();
    return reader.listKeys(after, limit);
  }

  async listClaims(key: ThreadKey, from: number, to: number): Promise<ThreadClaims> {
    const { reader } = await this.#opened();
    return reader.listClaims(key, from, to);
  }

  async loadRun(key: ThreadKey, runId: string): Promise<Run | null> {
    const { reader } = await this.#opened();
    return reader.loadRun(key, runId);
  }

  async threadOfRun(tenant: string, runId: string): Promise<string | null> {
    const { reader } = await this.#opened();
    return reader.threadOfRun(tenant, runId);
  }

  async listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Run[]> {
    const { reader } = await this.#opened();
    return reader.listRuns(key, query);
  }

  async listSteps(key: ThreadKey, runId: string, fromSegment?: number): Promise<readonly Step[]> {
    const { reader } = await this.#opened();
    return reader.listSteps(key, runId, fromSegment);
  }

  async listRunnableRuns(): Promise<readonly StoredRun[]> {
    const { reader } = await this.#opened();
    return reader.listRunnableRuns();
  }

  async listDueRuns(by: number, limit: number): Promise<readonly StoredRun[]> {
    const { reader } = await this.#opened();
    return reader.listDueRuns(by, limit);
  }

  async listDueThreads(...query: DueQuery): Promise<readonly DuePlace[]> {
    const { reader } = await this.#opened();
    return reader.listDueThreads(...query);
  }

  async listCallingRuns(): Promise<readonly StoredRun[]> {
    const { reader } = await this.#opened();
    return reader.listCallingRuns();
  }

  async listFeed(who: Reader, query: FeedQuery): Promise<FeedPage> {
    const { reader, slowReader, identity } = await this.#opened();
    const isShort = reader.feedLag(identity, query.after) <= SHORT_FEED;
    return (isShort ? reader : slowReader).listFeed(identity, who, query);
  }

  async feedEnd(): Promise<string> {
    const { reader, identity } = await this.#opened();
    return reader.feedEnd(identity);
  }

  watch(onForeignCommit: () => void): () => void {
    let known: number | undefined;
    let isPolling = false;
    const poll = async (): Promise<void> => {
      const { writer } = await this.#opened();
      const version = await writer.dataVersion();
      const isForeign = known !== undefined && version !== known;
      known = version;
      if (isForeign) onForeignCommit();
    };
    const look = (): void => {
      if (isPolling) return;
      isPolling = true;
      // A look that fails is repeated; the next call of the store gets the error.
      poll()
        .catch(() => undefined)
        .finally(() => {
          isPolling = false;
        });
    };
    look();
    const timer = setInterval(look, WATCH_MS).unref();
    this.#watchers.add(timer);
    return () => {
      clearInterval(timer);
      this.#watchers.delete(timer);
    };
  }

  async search(who: Reader, query: SearchQuery): Promise<SearchPage> {
    const { slowReader } = await this.#opened();
    return slowReader.search(who, query);
  }

  async appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    const { writer } = await this.#opened();
    return writer.appendChunks(key, chunks);
  }

  async listChunks(key: ThreadKey, messageId: string): Promise<readonly Chunk[]> {
    const { reader } = await this.#opened();
    return reader.listChunks(key, messageId);
  }

  async putBlob(who: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void> {
    const { writer } = await this.#opened();
    return writer.putBlob(who, info, bytes, Date.now());
  }

  async loadBlob(
    who: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
    const { reader } = await this.#opened();
    return reader.loadBlob(who, sha256, now);
  }

  async acquireLease(
    key: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly isMine: boolean; readonly lease: Lease }> {
    const { writer } = await this.#opened();
    return writer.acquireLease({ key, holder, ttlMs, instance: this.instance, now: Date.now() });
  }

  async releaseLease(lease: Lease): Promise<void> {
    const { writer } = await this.#opened();
    return writer.releaseLease(lease);
  }

  async isAlive(instance: string): Promise<boolean> {
    await this.#opened();
    return instance === this.#instance.id || this.#onlooker.isAlive(instance);
  }

  get lapses(): number {
    return this.#instance.pulse.lapses;
  }

  async check({
    repair,
    rebuild = false,
  }: {
    readonly repair: boolean;
    readonly rebuild?: boolean;
  }): Promise<CheckReport> {
    const { writer, slowReader } = await this.#opened();
    if (!repair) return slowReader.check();
    const report = await writer.repair();
    if (rebuild) await slowReader.rebuildIndex();
    return report;
  }

  async #opened(): Promise<Backend> {
    if (this.#backend !== undefined) return this.#backend;
    if (this.#isClosed) throw new SkeinError("store_closed", `The store ${this.name} is closed.`);
    this.#opening ??= openBackend(this.#options);
    try {
      const backend = await this.#opening;
      if (!this.#isClosed) this.#backend = backend;
      return backend;
    } catch (error) {
      // The next call tries again.
      this.#opening = undefined;
      throw error;
    }
  }
}

async function settle({ slowReader }: Backend, { results, erased }: Committed): Promise<Results> {
  slowReader.noteCommit();
  // An index that cannot forget now learns it from the log, before it answers the next search.
  if (erased.length > 0) await slowReader.forget(erased).catch(() => undefined);
  return results;
}
