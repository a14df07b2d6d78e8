import { isDeepStrictEqual } from "node:util";
import { replay } from "../../model/apply.ts";
import type { Chain, CommitItem, ItemResult, ThreadWrite } from "../store.ts";
import { recordFeed } from "./feed.ts";
import { frozenCopy } from "./frozen-copy.ts";
import { givenFact } from "./load-facts.ts";
import { operationKey, tenantOf, threadAt } from "./memory-data.ts";
import type { MemoryData } from "./memory-data.ts";
import { purgeThread } from "./purge.ts";
import { isOriginTrimmed } from "./trim.ts";
import { writeThread } from "./write-thread.ts";

/** Commits chains. Whatever is wrong with any of them is thrown before the first one is written. */
export function commit(
  data: MemoryData,
  chains: readonly Chain[],
): readonly (readonly ItemResult[])[] {
  for (const write of chains.flat().flatMap(({ writes }) => writes)) proveWellFormed(write);
  const copies: readonly Chain[] = frozenCopy(chains);
  return copies.map((chain) => commitChain(data, chain));
}

function commitChain(data: MemoryData, chain: Chain): readonly ItemResult[] {
  let isStale = false;
  return chain.map((item) => {
    isStale ||= isItemStale(data, item);
    if (!isStale) for (const write of item.writes) commitWrite(data, write);
    return isStale ? "stale" : "committed";
  });
}

function isItemStale(data: MemoryData, { writes }: CommitItem): boolean {
  const given = new Set<string>();
  const operations = new Set<string>();
  return writes.some(({ key, base, entries, givenIds, operation, kept, earlier }) => {
    const tenant = tenantOf(data, key.tenant);
    if ((tenant.threads.get(key.id)?.head.version ?? 0) !== base) return true;
    const [first] = entries;
    const from = first?.op === "thread.create" ? first.data.from : undefined;
    const isBrought = kept !== undefined;
    if (from !== undefined && !isBrought && isOriginTrimmed(data, key.tenant, from)) return true;
    for (const id of [...givenIds, ...(earlier?.givenIds ?? []).map((it) => it.id)]) {
      if (given.has(id) || givenFact(tenant, id) !== null) return true;
      given.add(id);
    }
    return [...(earlier?.operations ?? []), operation].some((it) => {
      if (it === undefined) return false;
      const name = operationKey(it.user, it.opId);
      const isTaken = tenant.operations.has(name) || operations.has(name);
      operations.add(name);
      return isTaken;
    });
  });
}

function commitWrite(data: MemoryData, write: ThreadWrite): void {
  const { key, entries, operation, earlier } = write;
  const tenant = tenantOf(data, key.tenant);
  writeThread(tenant, write);
  for (const it of [...(earlier?.operations ?? []), operation])
    if (it !== undefined) tenant.operations.set(operationKey(it.user, it.opId), { ...it, key });
  recordFeed(data, write);
  const thread = threadAt(data, key);
  if (thread !== undefined && entries.some(({ op }) => op === "thread.purge"))
    purgeThread(tenant, thread);
}

/** Throws for a write that contradicts itself, which is a fault of whoever made it. */
function proveWellFormed(write: ThreadWrite): void {
  const { key, base, entries, before, after, operation, kept, earlier } = write;
  const fault = (what: string): TypeError => new TypeError(`Write to ${key.id}: ${what}.`);
  if (entries.length === 0) throw fault("no entries");
  if ((before?.version ?? 0) !== base) throw fault(`the head before is not at ${base}`);
  if (after.profile.tenant !== key.tenant || after.profile.id !== key.id)
    throw fault("the head is another thread's");
  if (entries.some(({ op }) => op === "retention.trim") && entries.length > 1)
    throw fault("a trim beside other entries");
  if (kept !== undefined && base !== 0) throw fault("kept messages of a thread that exists");
  if (earlier !== undefined && kept === undefined) throw fault("what was before, without messages");
  for (const [index, entry] of entries.entries()) {
    if (entry.threadId !== key.id) throw fault(`an entry of ${entry.threadId}`);
    const isTrim = kept !== undefined && entry.op === "retention.trim";
    if (!isTrim && entry.version !== base + index + 1)
      throw fault(`version ${entry.version} is out of place`);
  }
  if (!isDeepStrictEqual(replay(entries, before), after))
    throw fault("the head after is not what the entries make of the head before");
  if (operation !== undefined && operation.toVersion > after.version)
    throw fault("the operation ends behind its entries");
}
