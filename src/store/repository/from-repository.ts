import { apply } from "../../model/apply.ts";
import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import { DEFAULT_TENANT } from "../../model/principal.ts";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Capabilities } from "../capability.ts";
import type { Reader, ThreadKey } from "../key.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import type { FeedPage, RelativesQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { Chain, ItemResult, Store, ThreadWrite } from "../store.ts";
import { importedLog, logOf, recordOf, saysTheSame } from "./record.ts";
import type { RecordedLog } from "./record.ts";
import type { RepositoryThread, ThreadRepository } from "./thread-repository.ts";

const LOG_AT_ONCE = Number.MAX_SAFE_INTEGER;

export interface RepositoryStore extends Store {
  /** Deletes what was not changed since `cutoff`. `unsupported_capability` when the repository cannot.
   *  @returns how many threads were deleted */
  deleteThreadsOlderThan(cutoff: Date): Promise<number>;
}

/**
 * A store over three functions of the caller's: get, put, delete. Every thread that was touched is held in memory and
 * put back whole on every commit, before the commit is acknowledged, so a commit costs O(thread). One process at a
 * time. What needs an optional function that the repository lacks is `unsupported_capability`; so is search.
 */
export function fromRepository(repository: ThreadRepository): RepositoryStore {
  return new FromRepository(repository);
}

export class FromRepository extends MemoryStore implements RepositoryStore {
  override readonly name: string = "repository";
  override readonly capabilities: Capabilities = {
    durable: true,
    multiProcess: false,
    sharedForks: true,
    multiThreadCommit: false,
    search: false,
    serverClock: false,
  };
  readonly #repository: ThreadRepository;
  readonly #loading = new Map<string, Promise<void>>();

  constructor(repository: ThreadRepository) {
    super();
    this.#repository = repository;
  }

  override async commit(chains: readonly Chain[]): Promise<readonly (readonly ItemResult[])[]> {
    for (const write of writesOf(chains)) await this.#load(write.key);
    const results = await super.commit(chains);
    await this.#put(chains, results);
    return results;
  }

  override async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<readonly (readonly ItemResult[])[]> {
    for (const key of keys) await this.#load(key);
    let chains: readonly Chain[] = [];
    const results = await super.commitExclusive(keys, (heads) => (chains = decide(heads)));
    await this.#put(chains, results);
    return results;
  }

  override async loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]> {
    for (const key of keys) await this.#load(key);
    return super.loadHeads(keys);
  }

  override async loadThreads(
    reader: Reader,
    ids: readonly string[],
  ): Promise<readonly (ThreadHead | null)[]> {
    for (const id of ids) await this.#load({ tenant: reader.tenant, id });
    return super.loadThreads(reader, ids);
  }

  /** Of forks it finds those that were loaded before: a repository cannot be asked for them. */
  override async loadRelatives(
    reader: Reader,
    query: RelativesQuery,
  ): Promise<readonly ThreadHead[]> {
    for (const id of query.ids) await this.#load({ tenant: reader.tenant, id });
    return super.loadRelatives(reader, query);
  }

  override async listThreads(reader: Reader, query: ThreadQuery): Promise<ThreadPage> {
    const records = await this.#listed(reader.user ?? query.owner, query);
    for (const record of records)
      await this.#load({ tenant: reader.tenant, id: record.id }, record);
    return super.listThreads(reader, query);
  }

  override async listFeed(): Promise<FeedPage> {
    throw new SkeinError(
      "unsupported_capability",
      "A repository store has no feed of all threads.",
    );
  }

  async deleteThreadsOlderThan(cutoff: Date): Promise<number> {
    const repository = this.#repository;
    if (repository.deleteThreadsOlderThan === undefined)
      throw unsupported("delete by age", "deleteThreadsOlderThan");
    const old = (await repository.getThreadsByDateRange?.(new Date(0), cutoff)) ?? [];
    const count = await repository.deleteThreadsOlderThan(cutoff);
    for (const { id } of old) this.evict({ tenant: DEFAULT_TENANT, id });
    return count;
  }

  async #listed(
    user: string | undefined,
    { from = 0, to = Date.now() }: ThreadQuery,
  ): Promise<readonly RepositoryThread[]> {
    const repository = this.#repository;
    if (user !== undefined && repository.getUserThreads !== undefined)
      return repository.getUserThreads(user);
    if (repository.getThreadsByDateRange !== undefined)
      return repository.getThreadsByDateRange(new Date(from), new Date(to));
    throw unsupported(
      "list threads",
      user === undefined ? "getThreadsByDateRange" : "getUserThreads",
    );
  }

  /** Makes sure that a thread which the repository has is in memory. */
  async #load(key: ThreadKey, known?: RepositoryThread): Promise<void> {
    if (key.tenant !== DEFAULT_TENANT)
      throw new SkeinError("unsupported_capability", "A repository store has one tenant only.");
    if ((await super.loadHeads([key]))[0] !== null) return;
    const under = this.#loading.get(key.id);
    if (under !== undefined) return under;
    const loading = this.#loadRecord(key, known).finally(() => this.#loading.delete(key.id));
    this.#loading.set(key.id, loading);
    return loading;
  }

  async #loadRecord(key: ThreadKey, known: RepositoryThread | undefined): Promise<void> {
    const record = known ?? (await this.#repository.getThread(key.id));
    if (record === null || record === undefined) return;
    await this.#hold(key, logOf(record, key.tenant, Date.now()));
    const path = await this.#pathOf(key);
    if (saysTheSame(record, path)) return;
    // Another program changed the messages: they are what people see, so they win.
    this.evict(key);
    await this.#hold(key, importedLog(record, key.tenant, Date.now()));
  }

  async #hold(key: ThreadKey, { kept, entries }: RecordedLog): Promise<void> {
    // A fork reads its origin's messages.
    const origin = originIn(entries[0]);
    if (origin !== undefined) await this.#load({ tenant: key.tenant, id: origin });
    let before: ThreadHead | null = null;
    const items = entries.map((entry) => {
      const after = apply(before, entry);
      const write: ThreadWrite = {
        key,
        base: before?.version ?? 0,
        entries: [entry],
        before,
        after,
        givenIds: [],
        ...(before === null && { kept }),
      };
      before = after;
      return { writes: [write] };
    });
    await super.commit([items]);
  }

  async #put(chains: readonly Chain[], results: readonly (readonly ItemResult[])[]): Promise<void> {
    const changed = new Map<string, ThreadHead>();
    for (const [chain, items] of chains.entries())
      for (const [index, item] of items.entries())
        if (results[chain]?.[index] === "committed")
          for (const { key, after } of item.writes) changed.set(key.id, after);
    for (const [id, head] of changed) {
      const key = { tenant: DEFAULT_TENANT, id };
      try {
        if (head.profile.purgedAt !== null) await this.#repository.deleteThread(id);
        else
          await this.#repository.putThread(
            recordOf(head, await this.#pathOf(key), {
              kept: await super.listKept(key, 0, LOG_AT_ONCE),
              entries: await super.listEntries(key, 0, LOG_AT_ONCE),
            }),
          );
      } catch (error) {
        // Not saved, so not so: the next reader gets what the repository has.
        for (const other of changed.keys()) this.evict({ tenant: DEFAULT_TENANT, id: other });
        throw error;
      }
    }
  }

  async #pathOf(key: ThreadKey): ReturnType<Store["readPath"]> {
    const [head] = await super.loadHeads([key]);
    const main = head?.branches[MAIN];
    if (main === undefined || main.count === 0) return [];
    return super.readPath(key.tenant, main, { minDepth: 0, maxDepth: main.count - 1 });
  }
}

function originIn(first: Entry | undefined): string | undefined {
  if (first?.op === "thread.create") return first.data.from?.threadId;
  return first?.op === "retention.trim"
    ? first.data.snapshot.profile.forkedFrom?.threadId
    : undefined;
}

function writesOf(chains: readonly Chain[]): readonly ThreadWrite[] {
  return chains.flatMap((chain) => chain.flatMap(({ writes }) => writes));
}

function unsupported(what: string, missing: string): SkeinError {
  return new SkeinError(
    "unsupported_capability",
    `The repository cannot ${what}: it has no ${missing}.`,
  );
}
