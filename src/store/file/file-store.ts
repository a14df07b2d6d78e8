import { resolve } from "node:path";
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
import type { Facts, Need } from "../facts.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
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
import { checkFiles, healedProblem } from "./check.ts";
import { openFolder } from "./open-folder.ts";
import type { OpenFolder } from "./open-folder.ts";
import type { Healed } from "./recover.ts";

export interface FileStoreOptions {
  /** The folder; made if absent. */
  readonly path: string;
  /** Searches and filtered lists on threads of their own, so that the event loop stays free. For servers. Default false. */
  readonly threads?: boolean;
}

/**
 * Threads in a folder: one readable JSONL log per thread, blobs as files, and an index of them in SQLite that is made
 * again when it is missing. One process at a time. Opened by the first call.
 *
 * The logs are the truth. A commit is on the disk before it is acknowledged, in a journal that one sync writes
 * for any number of logs. An end that a crash tore off is cut at the next opening and reported by `check`; any other
 * damage is refused with file and line (`store_corrupt`). Only text that a run is still streaming, and leases, are
 * nowhere but in the index: without it, an unfinished answer is generated anew. Cursors of the feed are refused
 * after the index was made again.
 */
export function fileStore(options: FileStoreOptions): Store {
  return new FileStore(options);
}

class FileStore implements Store {
  readonly name: string;
  readonly capabilities: Capabilities = {
    durable: true,
    multiProcess: false,
    sharedForks: true,
    multiThreadCommit: true,
    search: true,
    serverClock: false,
  };
  readonly instance: string = randomUUID();
  readonly #folder: string;
  readonly #threads: boolean;
  #opening: Promise<OpenFolder> | undefined;
  #isClosed = false;
  #healed: readonly Healed[] = [];

  constructor({ path, threads = false }: FileStoreOptions) {
    this.name = `file ${path}`;
    // The working directory may change before the folder is opened.
    this.#folder = resolve(path);
    this.#threads = threads;
  }

  async open(): Promise<StoreInfo> {
    const { info } = await this.#opened();
    return info;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#release();
  }

  async commit(chains: readonly Chain[]): Promise<readonly (readonly ItemResult[])[]> {
    const { writer } = await this.#opened();
    return writer.commit(chains);
  }

  async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<readonly (readonly ItemResult[])[]> {
    const { writer } = await this.#opened();
    return writer.commitExclusive(keys, decide);
  }

  async loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]> {
    return (await this.#index()).loadHeads(keys);
  }

  async loadFacts(key: ThreadKey, needs: readonly Need[]): Promise<Facts> {
    return (await this.#index()).loadFacts(key, needs);
  }

  async loadThread(
    who: Reader,
    id: string,
    knownVersion?: number,
  ): Promise<ThreadHead | "unchanged" | null> {
    return (await this.#index()).loadThread(who, id, knownVersion);
  }

  async loadThreads(who: Reader, ids: readonly string[]): Promise<readonly (ThreadHead | null)[]> {
    return (await this.#index()).loadThreads(who, ids);
  }

  async listThreads(who: Reader, query: ThreadQuery): Promise<ThreadPage> {
    return (await this.#index()).listThreads(who, query);
  }

  async loadRelatives(who: Reader, query: RelativesQuery): Promise<readonly ThreadHead[]> {
    return (await this.#index()).loadRelatives(who, query);
  }

  async readPath(tenant: string, end: PathEnd, range: PathRange): Promise<readonly Message[]> {
    return (await this.#index()).readPath(tenant, end, range);
  }

  async loadMessages(key: ThreadKey, ids: readonly string[]): Promise<readonly (Message | null)[]> {
    return (await this.#index()).loadMessages(key, ids);
  }

  async listEntries(
    key: ThreadKey,
    after: number,
    limit: number,
    maxBytes?: number,
  ): Promise<readonly Entry[]> {
    return (await this.#index()).listEntries(key, after, limit, maxBytes);
  }

  async listKept(key: ThreadKey, after: number, limit: number): Promise<readonly KeptMessage[]> {
    return (await this.#index()).listKept(key, after, limit);
  }

  async listKeys(after: ThreadKey | null, limit: number): Promise<readonly ThreadKey[]> {
    return (await this.#index()).listKeys(after, limit);
  }

  async listClaims(key: ThreadKey, from: number, to: number): Promise<ThreadClaims> {
    return (await this.#index()).listClaims(key, from, to);
  }

  async loadRun(key: ThreadKey, runId: string): Promise<Run | null> {
    return (await this.#index()).loadRun(key, runId);
  }

  async threadOfRun(tenant: string, runId: string): Promise<string | null> {
    return (await this.#index()).threadOfRun(tenant, runId);
  }

  async listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Run[]> {
    return (await this.#index()).listRuns(key, query);
  }

  async listSteps(key: ThreadKey, runId: string, fromSegment?: number): Promise<readonly Step[]> {
    return (await this.#index()).listSteps(key, runId, fromSegment);
  }

  async listRunnableRuns(): Promise<readonly StoredRun[]> {
    return (await this.#index()).listRunnableRuns();
  }

  async listDueRuns(by: number, limit: number): Promise<readonly StoredRun[]> {
    return (await this.#index()).listDueRuns(by, limit);
  }

  async listDueThreads(...query: DueQuery): Promise<readonly DuePlace[]> {
    return (await this.#index()).listDueThreads(...query);
  }

  async listCallingRuns(): Promise<readonly StoredRun[]> {
    return (await this.#index()).listCallingRuns();
  }

  async listFeed(who: Reader, query: FeedQuery): Promise<FeedPage> {
    return (await this.#index()).listFeed(who, query);
  }

  async feedEnd(tenant: string): Promise<string> {
    return (await this.#index()).feedEnd(tenant);
  }

  watch(): () => void {
    this.#requireUsable();
    // The folder is locked: nobody else commits.
    return () => undefined;
  }

  async search(who: Reader, query: SearchQuery): Promise<SearchPage> {
    return (await this.#index()).search(who, query);
  }

  async appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    return (await this.#index()).appendChunks(key, chunks);
  }

  async listChunks(key: ThreadKey, messageId: string): Promise<readonly Chunk[]> {
    return (await this.#index()).listChunks(key, messageId);
  }

  async putBlob(who: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void> {
    const folder = await this.#opened();
    return folder.putBlob(who, info, bytes);
  }

  async loadBlob(
    who: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
    const { blobs } = await this.#opened();
    return blobs.load(who, sha256, now);
  }

  async acquireLease(
    key: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly isMine: boolean; readonly lease: Lease }> {
    return (await this.#index()).acquireLease(key, holder, ttlMs);
  }

  async releaseLease(lease: Lease): Promise<void> {
    return (await this.#index()).releaseLease(lease);
  }

  async isAlive(instance: string): Promise<boolean> {
    await this.#opened();
    // Whoever had the folder before is gone: its lock was free.
    return instance === this.instance;
  }

  async check({
    repair,
    rebuild = false,
  }: {
    readonly repair: boolean;
    readonly rebuild?: boolean;
  }): Promise<CheckReport> {
    const { writer, index } = await this.#opened();
    const found = await writer.exclusively(() => checkFiles(this.#folder, index));
    const healed = this.#healed.map(healedProblem);
    const { logs, index: report } = found;
    // The index is made of the logs, so these have to be sound.
    const isRight = report.problems.length === 0 && !rebuild;
    if (!repair || logs.length > 0 || isRight)
      return { ...report, problems: [...healed, ...logs, ...report.problems] };
    await this.#release();
    const mended = await (await this.#opened({ anew: true })).index.check({ repair: false });
    const repaired = report.problems.map((problem) => ({ ...problem, repaired: true }));
    return { ...mended, problems: [...healed, ...repaired, ...mended.problems] };
  }

  async #index(): Promise<Store> {
    return (await this.#opened()).index;
  }

  async #opened(options: { readonly anew: boolean } = { anew: false }): Promise<OpenFolder> {
    this.#requireUsable();
    this.#opening ??= openFolder(this.#folder, { threads: this.#threads, ...options });
    const opening = this.#opening;
    try {
      const folder = await opening;
      this.#healed = folder.healed;
      return folder;
    } catch (error) {
      // The next call tries again.
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    }
  }

  async #release(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    // A store that could not be opened has nothing to close.
    const folder = await opening?.catch(() => undefined);
    await folder?.close();
  }

  #requireUsable(): void {
    if (this.#isClosed) throw new SkeinError("store_closed", `The store ${this.name} is closed.`);
  }
}
