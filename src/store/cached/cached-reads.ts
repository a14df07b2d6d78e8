import type { Entry, Op } from "../../model/entry.ts";
import type { Message } from "../../model/message.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadKey } from "../key.ts";
import type { Chain, Store } from "../store.ts";
import type { ByteCache } from "./byte-cache.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { joinFlights } from "./join-flights.ts";

/** One of the three, and the version of the thread that it is of. */
export interface Kept {
  readonly version: number;
  readonly head?: ThreadHead;
  readonly messages?: readonly Message[];
  readonly entries?: readonly Entry[];
}

type CachedMethods = Pick<
  Store,
  "close" | "commit" | "commitExclusive" | "loadThread" | "readPath" | "listEntries"
>;

/** Ops after which other threads may read differently. */
const REACHING: ReadonlySet<Op> = new Set([
  "message.annotate",
  "message.redact",
  "retention.trim",
  "thread.purge",
]);

/** What a cached store does in another way than the store itself. */
export function cachedReads(store: Store, cache: ByteCache<Kept>): CachedMethods {
  const flights = joinFlights();
  let generation = 0;

  const drop = (chains: readonly Chain[], keys: readonly ThreadKey[]): void => {
    const writes = chains.flat().flatMap((item) => item.writes);
    for (const { id, tenant } of [...keys, ...writes.map(({ key }) => key)])
      cache.deleteGroup(nameOf(tenant, id));
    if (!writes.some(({ entries }) => entries.some(({ op }) => REACHING.has(op)))) return;
    generation += 1;
    cache.clear();
  };

  const loadThread: Store["loadThread"] = async (reader, id, knownVersion) => {
    const group = nameOf(reader.tenant, id);
    const landing = flights.landing(group);
    if (landing !== undefined) await landing;
    const kept = cache.get(group)?.head;
    const load = async (known?: number): Promise<ThreadHead | "unchanged" | null> => {
      const found = await store.loadThread(reader, id, known);
      if (found !== null && found !== "unchanged") {
        const head = deepFreeze(found);
        cache.set(group, group, { version: head.version, head }, sizeOf(head));
      }
      return found;
    };
    if (kept === undefined) return flights.start(group, () => load(knownVersion));
    if (knownVersion !== undefined && knownVersion !== kept.version) return load(knownVersion);
    const found = await load(kept.version);
    return found === "unchanged" && knownVersion === undefined ? kept : found;
  };

  const isAt = async ({ tenant, id }: ThreadKey, version: number): Promise<boolean> =>
    (await store.loadThread({ tenant, user: null }, id, version)) === "unchanged";

  /** A page that is right as long as the thread is at the version that it was read at. */
  const page = async <T>(
    key: ThreadKey,
    name: string,
    load: () => Promise<T>,
    { of, as }: Shelf<T>,
  ): Promise<T> => {
    const landing = flights.landing(name);
    if (landing !== undefined) await landing;
    const kept = cache.get(name);
    const value = kept && of(kept);
    if (kept !== undefined && value !== undefined && (await isAt(key, kept.version))) return value;
    return flights.start(name, async () => {
      const began = generation;
      const head = await loadThread({ tenant: key.tenant, user: null }, key.id);
      const loaded = deepFreeze(await load());
      if (head === null || head === "unchanged") return loaded;
      const keep = as(loaded, key);
      // Read between two looks at the same version, it is of that version.
      if (keep !== null && (await isAt(key, head.version)) && began === generation)
        cache.set(
          nameOf(key.tenant, key.id),
          name,
          { version: head.version, ...keep },
          sizeOf(loaded),
        );
      return loaded;
    });
  };

  return {
    loadThread,

    readPath: (tenant, end, range) =>
      page(
        { tenant, id: end.segment.threadId },
        nameOf("path", tenant, end, range),
        () => store.readPath(tenant, end, range),
        MESSAGES,
      ),

    listEntries: (key, after, limit, maxBytes) =>
      page(
        key,
        nameOf("entries", key.tenant, key.id, after, limit, maxBytes ?? null),
        () => store.listEntries(key, after, limit, maxBytes),
        ENTRIES,
      ),

    async commit(chains) {
      try {
        return await store.commit(chains);
      } finally {
        drop(chains, []);
      }
    },

    async commitExclusive(keys, decide) {
      let decided: readonly Chain[] = [];
      try {
        return await store.commitExclusive(keys, (heads) => (decided = decide(heads)));
      } finally {
        drop(decided, keys);
      }
    },

    async close() {
      await store.close();
      cache.clear();
    },
  };
}

/** How a kind of page is kept. */
interface Shelf<T> {
  readonly of: (kept: Kept) => T | undefined;
  /** `null` for what may change without the thread's version. */
  readonly as: (value: T, key: ThreadKey) => Partial<Kept> | null;
}

const MESSAGES: Shelf<readonly Message[]> = {
  of: ({ messages }) => messages,
  // What another thread wrote changes with that one, or with another fork of it.
  as: (messages, { id }) =>
    messages.every(({ threadId }) => threadId === id) ? { messages } : null,
};

const ENTRIES: Shelf<readonly Entry[]> = {
  of: ({ entries }) => entries,
  as: (entries) => ({ entries }),
};

function nameOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/** In memory, about: two bytes for a character, and something for the rest. */
function sizeOf(value: unknown): number {
  return 2 * JSON.stringify(value).length + 500;
}
