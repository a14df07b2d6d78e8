import { bareProfile } from "./bare-profile.ts";
import type { Entry, EntryOf, Op, OpData } from "./entry.ts";
import { applyContext } from "./apply-context.ts";
import { applyRun } from "./apply-run.ts";
import { applyTree } from "./apply-tree.ts";
import type { FileRecord } from "./file-change.ts";
import { slid } from "./lifetime.ts";
import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { EMPTY_ACTIVITY, MAIN, messagesOn } from "./thread.ts";
import type { ThreadHead, ThreadProfile } from "./thread.ts";

/** The state after `entry`. Pure: ids and times are in the entry, so replay gives the same state everywhere.
 *  An unknown op only raises the version. */
export function apply(head: ThreadHead | null, entry: Entry): ThreadHead {
  // A snapshot says all, whatever was before it.
  if (entry.op === "retention.trim") {
    requireNext(head, entry);
    return { ...entry.data.snapshot, version: entry.version };
  }
  if (head === null) {
    if (entry.op !== "thread.create" || entry.version !== 1)
      throw new TypeError(
        `A log starts with thread.create at version 1 or with retention.trim, not with ${entry.op} at ${entry.version}.`,
      );
    return create(entry);
  }
  requireNext(head, entry);
  if (entry.op === "thread.purge") return purged(head, entry);
  const next = applyTree(head, entry) ?? applyRun(head, entry) ?? applyProfile(head, entry);
  return { ...slide(applyContext(next, entry), entry), version: entry.version };
}

/** Moves a sliding time along with what happens in the thread. */
function slide(head: ThreadHead, { at }: Entry): ThreadHead {
  const { expiry } = head.profile;
  const next = expiry && slid(expiry, at);
  if (next === undefined || next === expiry) return head;
  return { ...head, profile: { ...head.profile, expiry: next } };
}

function requireNext(head: ThreadHead | null, { version }: Entry): void {
  if (head !== null && version !== head.version + 1)
    throw new TypeError(
      `Entry ${version} does not follow version ${head.version} of ${head.profile.id}.`,
    );
}

/** The state after all of `entries`. */
export function replay(
  entries: Iterable<Entry>,
  from: ThreadHead | null = null,
): ThreadHead | null {
  let head = from;
  for (const entry of entries) head = apply(head, entry);
  return head;
}

function create({ data, at }: EntryOf<"thread.create">): ThreadHead {
  const own = { threadId: data.profile.id, number: 0 };
  const origin = data.from?.head;
  return {
    version: 1,
    profile: data.profile,
    activity: {
      ...EMPTY_ACTIVITY,
      updatedAt: at,
      segments: origin === undefined ? 1 : 0,
      messagesTotal: origin === undefined ? 0 : messagesOn(origin),
      lastMessage: data.from?.lastMessage ?? null,
    },
    branches: {
      [MAIN]: {
        name: MAIN,
        segment: origin?.segment ?? own,
        position: origin?.position ?? 0,
        messageId: origin?.messageId ?? null,
        count: origin?.count ?? 0,
        ...(origin?.floor && { floor: origin.floor }),
        turnId: origin?.turnId ?? null,
        isTip: origin === undefined,
        pending: [],
        reason: "main",
        createdAt: at,
      },
    },
  };
}

/** A new title is not made of what the old one was made of. */
function withSet(
  { titleOf, expiry: oldExpiry, hold: oldHold, ...profile }: ThreadProfile,
  { expiry = oldExpiry, hold = oldHold, ...data }: OpData["thread.set"],
): ThreadProfile {
  const isKept = data.title === undefined && titleOf !== undefined;
  return {
    ...profile,
    ...(isKept && { titleOf }),
    ...(expiry && { expiry }),
    ...(hold && { hold }),
    ...data,
  };
}

type ProfileChange = (profile: ThreadProfile, entry: Entry) => ThreadProfile;
const changeOf =
  <O extends Op>(
    change: (
      profile: ThreadProfile,
      data: EntryOf<O>["data"],
      at: number,
    ) => Partial<ThreadProfile>,
  ): ProfileChange =>
  (profile, entry) => ({
    ...profile,
    ...change(profile, entry.data as EntryOf<O>["data"], entry.at),
  });

const PROFILE_CHANGES: Partial<Record<Op, ProfileChange>> = {
  "thread.set": (profile, entry) => withSet(profile, entry.data as OpData["thread.set"]),
  "metadata.set": changeOf<"metadata.set">(({ metadata }, data) => ({
    metadata: { ...metadata, ...data.values },
  })),
  "metadata.unset": changeOf<"metadata.unset">(({ metadata }, data) => ({
    metadata: without(metadata, data.keys),
  })),
  "tag.add": changeOf<"tag.add">(({ tags }, data) => ({
    tags: [...new Set([...tags, ...data.tags])],
  })),
  "tag.remove": changeOf<"tag.remove">(({ tags }, data) => ({
    tags: tags.filter((tag) => !data.tags.includes(tag)),
  })),
  "thread.archive": changeOf<"thread.archive">((_profile, _data, at) => ({ archivedAt: at })),
  "thread.unarchive": changeOf<"thread.unarchive">(() => ({ archivedAt: null })),
  "thread.delete": changeOf<"thread.delete">((_profile, _data, at) => ({ deletedAt: at })),
  "thread.undelete": changeOf<"thread.undelete">(() => ({ deletedAt: null })),
  "member.set": changeOf<"member.set">(({ members }, data) => ({
    members: { ...members, [data.user]: data.role },
  })),
  "member.remove": changeOf<"member.remove">(({ members }, data) => ({
    members: without(members, [data.user]),
  })),
  "link.add": changeOf<"link.add">(({ links = [] }, { kind, threadId, data }) => ({
    links: [...links, { kind, threadId, ...(data !== undefined && { data }) }],
  })),
  "link.remove": changeOf<"link.remove">(({ links = [] }, { kind, threadId }) => ({
    links: links.filter((link) => link.kind !== kind || link.threadId !== threadId),
  })),
  "file.change": noteFiles,
  "file.rollback": noteFiles,
  "state.patch": (profile, { data, version }) => ({
    ...profile,
    state: mergePatch(profile.state ?? {}, (data as OpData["state.patch"]).patch),
    stateVersion: version,
  }),
};

function noteFiles(profile: ThreadProfile, { data, version: last }: Entry): ThreadProfile {
  const { open = {} } = profile.files ?? {};
  const record = data as FileRecord;
  const left =
    record.phase === "begin"
      ? { ...open, [record.changeId]: { version: last, action: record.action } }
      : without(open, [record.changeId]);
  return { ...profile, files: { last, open: left } };
}

function applyProfile(head: ThreadHead, entry: Entry): ThreadHead {
  // An op of a later version may be called like something that every object has.
  const change = Object.hasOwn(PROFILE_CHANGES, entry.op) ? PROFILE_CHANGES[entry.op] : undefined;
  return {
    ...head,
    activity: { ...head.activity, updatedAt: entry.at },
    ...(change !== undefined && { profile: change(head.profile, entry) }),
  };
}

/** What is left of a purged thread: that it was there, so that its id is not used again. */
function purged({ profile }: ThreadHead, { version, at }: Entry): ThreadHead {
  return {
    version,
    profile: { ...bareProfile(profile), deletedAt: profile.deletedAt ?? at, purgedAt: at },
    activity: { ...EMPTY_ACTIVITY, updatedAt: at },
    branches: {},
  };
}

function without<T>(
  record: Readonly<Record<string, T>>,
  keys: readonly string[],
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** RFC 7396, one level deep per call of the recursion: `null` removes, objects merge, all else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  // A map, because the key `__proto__` cannot be assigned to an object.
  const merged = new Map<string, Json>(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    const old = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) merged.set(key, mergePatch(isJsonObject(old) ? old : {}, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
