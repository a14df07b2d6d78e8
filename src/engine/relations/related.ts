import { checkId, checkLimit } from "../../model/check.ts";
import { SkeinError } from "../../model/error.ts";
import { leadsUp, otherSide, sidesOf } from "../../model/link.ts";
import type { Principal } from "../../model/principal.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread } from "../../model/thread.ts";
import type { CallOptions } from "../call.ts";
import { principalOf, readHead } from "../core.ts";
import type { Core } from "../core.ts";
import type {
  RelatedInput,
  RelatedThreads,
  ThreadEdge,
  ThreadRelationships,
} from "./relation-calls.ts";

const DEPTH = 10;
const MOST_DEPTH = 100;
const LIMIT = 200;
const MOST_THREADS = 1_000;

/** A walk in breadth: one read for each step. */
export async function related(
  core: Core,
  base: Principal,
  threadId: string,
  { kinds, depth = DEPTH, limit }: RelatedInput = {},
  options?: CallOptions,
): Promise<RelatedThreads> {
  const principal = principalOf(base, options);
  const most = limit === undefined ? LIMIT : checkLimit(limit, MOST_THREADS);
  checkDepth(depth);
  for (const kind of kinds ?? []) checkId(kind, "kinds");
  const isFollowed = (kind: string): boolean => kinds === undefined || kinds.includes(kind);
  const first = threadOf(await readHead(core, principal, threadId));
  const found = new Map([[threadId, first]]);
  const asked = new Set([threadId]);
  let isComplete = true;
  let frontier: readonly Thread[] = [first];
  for (let step = 0; step < depth && frontier.length > 0; step++) {
    const linked = frontier.flatMap((thread) =>
      sidesOf(thread).filter((it) => isFollowed(it.kind)),
    );
    const unseen = [...new Set(linked.map((side) => side.threadId))].filter((id) => !asked.has(id));
    const ids = unseen.slice(0, MOST_THREADS);
    const room = most - found.size;
    isComplete &&= ids.length === unseen.length;
    const forksOf = isFollowed("fork") ? frontier.map(({ id }) => id) : [];
    if (ids.length === 0 && forksOf.length === 0) break;
    for (const id of ids) asked.add(id);
    // Forks may be known by other links, too; one more tells whether there are more.
    const query = { ids, forksOf, limit: most + 1 };
    const heads = await core.store.loadRelatives(principal, query);
    const fresh = heads.filter(({ profile }) => !found.has(profile.id));
    isComplete &&= fresh.length <= room;
    frontier = fresh.slice(0, room).map(threadOf);
    for (const thread of frontier) found.set(thread.id, thread);
  }
  const threads = [...found.values()];
  return { threads, edges: edgesAmong(found, isFollowed), isComplete };
}

export async function getRelatedThreads(
  core: Core,
  base: Principal,
  threadId: string,
  options?: CallOptions,
): Promise<ThreadRelationships> {
  const around = await related(core, base, threadId, { depth: 1, limit: MOST_THREADS }, options);
  const threads = new Map(around.threads.map((thread) => [thread.id, thread]));
  const thread = threads.get(threadId);
  if (thread === undefined) throw new TypeError(`Thread ${threadId} is not among its relatives.`);
  const named = (ids: readonly string[]): readonly Thread[] =>
    [...new Set(ids)].flatMap((id) => threads.get(id) ?? []);
  const below = (...kinds: readonly string[]): readonly Thread[] =>
    named(
      around.edges
        .filter(({ from, kind }) => from === threadId && kinds.includes(kind))
        .map(({ to }) => to),
    );
  const above = PARENT_KINDS.flatMap((kind) =>
    around.edges.filter((edge) => edge.to === threadId && edge.kind === kind),
  );
  return {
    thread,
    parent: named(above.map(({ from }) => from))[0] ?? null,
    summaries: below("summary"),
    children: below("sub-agent", "fork", "continuation"),
  };
}

const PARENT_KINDS = ["sub-agent", "summary", "continuation", "fork"] as const;

/** Each link once, from the parent to the child, in the order in which the threads came. */
function edgesAmong(
  threads: ReadonlyMap<string, Thread>,
  isFollowed: (kind: string) => boolean,
): readonly ThreadEdge[] {
  const edges = new Map<string, ThreadEdge>();
  for (const [id, thread] of threads)
    for (const { kind, threadId: other, data } of sidesOf(thread)) {
      const isShown = isFollowed(kind) || isFollowed(otherSide(kind));
      if (!threads.has(other) || !isShown) continue;
      const end = data && { data };
      const edge = edgeOf(id, other, kind);
      const name = JSON.stringify([edge.from, edge.to, edge.kind]);
      if (!edges.has(name)) edges.set(name, { ...edge, ...end });
    }
  return [...edges.values()];
}

function edgeOf(id: string, other: string, kind: string): Omit<ThreadEdge, "data"> {
  const up = otherSide(kind);
  // The same from both sides: the order of the ids decides, so that it is there once.
  if (up === kind)
    return id < other ? { from: id, to: other, kind } : { from: other, to: id, kind };
  return leadsUp(kind) ? { from: other, to: id, kind: up } : { from: id, to: other, kind };
}

function checkDepth(depth: number): void {
  if (!Number.isInteger(depth) || depth < 1 || depth > MOST_DEPTH)
    throw new SkeinError(
      "invalid_request",
      `depth must be a whole number from 1 to ${MOST_DEPTH}.`,
      {
        field: "depth",
      },
    );
}
