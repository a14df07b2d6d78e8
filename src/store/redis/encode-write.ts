import { bareProfile } from "../../model/bare-profile.ts";
import type { Entry } from "../../model/entry.ts";
import type { Role } from "../../model/message.ts";
import { own } from "../../model/own.ts";
import type { ThreadProfile } from "../../model/thread.ts";
import type { FeedEventType } from "../query.ts";
import type { Chain, CommitItem, ThreadWrite } from "../store.ts";
import { encodeEntry, entryArguments } from "./encode-entry.ts";
import { headArguments } from "./encode-head.ts";
import { messageArguments } from "./message-arguments.ts";
import { nameOf } from "./names.ts";
import { runArguments } from "./run-arguments.ts";
import {
  earlierArguments,
  givenIdsOf,
  operationArguments,
  operationsOf,
} from "./earlier-arguments.ts";
import { endArguments, keptArguments, originArguments, trimArguments } from "./trim-arguments.ts";

/** The arguments of one commit: everything that it writes, as text.
 *  @param ttlMs  how long new threads live without a change */
export function encodeChains(
  chains: readonly Chain[],
  ttlMs: number | undefined,
): readonly string[] {
  const encoded = chains.map((chain) => counted(chain.map((item) => encodeItem(item, ttlMs))));
  return counted(encoded);
}

function counted(groups: readonly (readonly string[])[]): readonly string[] {
  return [String(groups.length), ...groups.flat()];
}

function encodeItem({ writes }: CommitItem, ttlMs: number | undefined): readonly string[] {
  return counted(writes.map((write) => encodeWrite(write, ttlMs)));
}

function encodeWrite(write: ThreadWrite, ttlMs: number | undefined): readonly string[] {
  proveWellFormed(write);
  const { key, base, entries } = write;
  const { verbs, proof } = verbsOf(write, ttlMs);
  return [
    nameOf(key.id),
    String(base),
    String(entries.at(-1)?.version),
    String(proof),
    ...originArguments(write),
    ...counted(givenIdsOf(write).map((id) => [nameOf(id)])),
    ...counted(operationsOf(write).map(operationArguments)),
    String(verbs.length),
    ...verbs,
  ];
}

/** What is done to the thread, in the order of the entries; and where among it the last entry stands, by which a
 *  repetition of the commit is known. */
function verbsOf(
  write: ThreadWrite,
  ttlMs: number | undefined,
): { readonly verbs: readonly string[]; readonly proof: number } {
  const { before, after, entries, givenIds } = write;
  const verbs: string[] = [];
  let proof = 0;
  if (before === null) verbs.push(...creation(entries[0], after.profile, ttlMs));
  verbs.push(...earlierArguments(write), ...keptArguments(write));
  const roles = new Map(before?.activity.open.map((it) => [it.messageId, it.role] as const));
  for (const entry of entries) {
    noteRole(roles, entry);
    // Behind the verb and the version, counted from 1.
    proof = verbs.length + 3;
    verbs.push(...entryArguments(entry, encodeEntry(entry)));
    verbs.push(...messageArguments(entry, givenIds, (id) => roles.get(id)));
  }
  verbs.push(...runArguments(write), ...headArguments(before, after));
  if (entries.some(({ op }) => op === "retention.trim")) verbs.push(...trimArguments(write));
  const purge = entries.find(({ op }) => op === "thread.purge");
  verbs.push(...(purge ? ["purge", String(purge.version)] : feedArguments(entries)));
  return { verbs, proof };
}

function noteRole(roles: Map<string, Role>, entry: Entry): void {
  if (entry.op === "message.open") roles.set(entry.data.message.id, entry.data.message.role);
}

function creation(
  entry: Entry | undefined,
  profile: ThreadProfile,
  ttlMs: number | undefined,
): readonly string[] {
  const from = entry?.op === "thread.create" ? entry.data.from : undefined;
  const isSession = ttlMs !== undefined;
  const verbs = ["create", isSession ? String(ttlMs) : "", isSession ? tombstoneOf(profile) : ""];
  if (from === undefined) return verbs;
  return [...verbs, "fork", ...endArguments(from.head)];
}

/** The profile of a thread of which only the id is left; without its title, which stands apart. */
function tombstoneOf(profile: ThreadProfile): string {
  const { title: _, ...tombstone } = bareProfile(profile);
  return JSON.stringify(tombstone);
}

const EVENTS: Readonly<Record<string, string>> = {
  "thread.create": "c",
  "thread.archive": "a",
  "thread.unarchive": "n",
  "thread.delete": "d",
  "thread.undelete": "k",
};

export const EVENT_TYPES: Readonly<Record<string, FeedEventType>> = {
  c: "created",
  a: "archived",
  n: "unarchived",
  d: "deleted",
  k: "undeleted",
  u: "updated",
};

/** One event per change of a thread's life, and one update for whatever else the write has at its end. */
function feedArguments(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ op, version }, index) => {
    const type = own(EVENTS, op) ?? (index === entries.length - 1 ? "u" : undefined);
    return type === undefined ? [] : ["feed", type, String(version)];
  });
}

/** Throws for a write that contradicts itself, which is a fault of whoever made it. */
function proveWellFormed({ key, base, entries, before, after, kept }: ThreadWrite): void {
  const fault = (what: string): TypeError => new TypeError(`Write to ${key.id}: ${what}.`);
  if ((before?.version ?? 0) !== base) throw fault(`the head before is not at ${base}`);
  // A trimmed thread that is brought from elsewhere begins where its log does.
  const first = kept !== undefined && base === 0 ? (entries[0]?.version ?? 1) : base + 1;
  if (entries.length === 0 || after.version !== first + entries.length - 1)
    throw fault(`${entries.length} entries do not lead from ${base} to ${after.version}`);
  if (entries.some(({ version }, index) => version !== first + index))
    throw fault("versions have gaps");
}
