import { canonicalJson } from "../../model/json.ts";
import { statusOf, threadOf } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { ThreadPage, ThreadPosition, ThreadQuery } from "../query.ts";
import { canSee } from "./access.ts";
import type { Tenant } from "./memory-data.ts";

export function listThreads(tenant: Tenant, reader: Reader, query: ThreadQuery): ThreadPage {
  const { after, offset = 0, limit } = query;
  const found = [...tenant.threads.values()]
    .map(({ head }) => head)
    .filter((head) => canSee(reader, head) && matches(head, query))
    .sort((a, b) => compare(positionOf(a), positionOf(b)))
    .filter((head) => after === undefined || compare(after, positionOf(head)) < 0)
    .slice(offset);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    threads: page.map(threadOf),
    ...(found.length > limit && last !== undefined && { next: positionOf(last) }),
  };
}

/** Whether all filters hold but those of the reader and of the page. */
export function matches({ profile, activity }: ThreadHead, query: ThreadQuery): boolean {
  const { owner, agentId, tag, metadata = {}, status, archived, deleted, title, from, to } = query;
  return (
    (owner === undefined || profile.owner === owner) &&
    (agentId === undefined || profile.agentId === agentId) &&
    (tag === undefined || profile.tags.includes(tag)) &&
    (status === undefined || statusOf(activity) === status) &&
    (profile.archivedAt !== null) === (archived ?? false) &&
    (profile.deletedAt !== null) === (deleted ?? false) &&
    (title === undefined || folded(profile.title ?? "").includes(folded(title))) &&
    (from === undefined || activity.updatedAt >= from) &&
    (to === undefined || activity.updatedAt <= to) &&
    Object.entries(metadata).every(([key, value]) => {
      const own = Object.hasOwn(profile.metadata, key) ? profile.metadata[key] : undefined;
      return own !== undefined && canonicalJson(own) === canonicalJson(value);
    })
  );
}

// Upper case first: it maps ß and SS to the same.
function folded(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function positionOf({ profile, activity }: ThreadHead): ThreadPosition {
  return { updatedAt: activity.updatedAt, id: profile.id };
}

/** Newest activity first, then by id. */
function compare(a: ThreadPosition, b: ThreadPosition): number {
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
