import { threadOf } from "../../model/thread.ts";
import type { Thread, ThreadHead } from "../../model/thread.ts";
import { matches } from "../memory/list-threads.ts";
import type { Reader } from "../key.ts";
import type { ThreadPage, ThreadPosition, ThreadQuery } from "../query.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeHead } from "./decode-head.ts";
import { idOf, nameOf, userOf } from "./names.ts";
import { listOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

// A filter may pass few of many: each look takes more than the last, up to what the server can do in a millisecond or two.
const LOOK_GROWTH = 4;
const LONGEST_LOOK = 200;

/** A page of a list, newest activity first. Reads what it shows, and with a filter what it looks at. */
export async function listThreads(
  backend: Backend,
  reader: Reader,
  query: ThreadQuery,
): Promise<ThreadPage> {
  const { limit, offset = 0 } = query;
  const isFiltered = hasFilter(query);
  const threads: Thread[] = [];
  let skip = isFiltered ? offset : 0;
  let look = Math.min(LONGEST_LOOK, limit + 1);
  let after: ThreadPosition | undefined = query.after;
  let isFirst = true;
  for (;;) {
    const behind = isFirst && !isFiltered ? offset : 0;
    const rows = await readRows(backend, reader, query, { after, skip: behind, count: look });
    isFirst = false;
    for (const head of rows.heads) {
      if (!matches(head, query)) continue;
      if (skip > 0) skip -= 1;
      else if (threads.length === limit) return pageOf(threads, true);
      else threads.push(threadOf(head));
    }
    if (rows.last === undefined) return pageOf(threads, false);
    after = rows.last;
    look = Math.min(LONGEST_LOOK, look * LOOK_GROWTH);
  }
}

function pageOf(threads: readonly Thread[], hasMore: boolean): ThreadPage {
  const last = threads.at(-1);
  if (!hasMore || last === undefined) return { threads };
  return { threads, next: { updatedAt: last.updatedAt, id: last.id } };
}

function hasFilter({ owner, agentId, tag, metadata, status, title }: ThreadQuery): boolean {
  return [owner, agentId, tag, metadata, status, title].some((it) => it !== undefined);
}

interface Rows {
  readonly heads: readonly ThreadHead[];
  /** The row looked at last; absent when it was the list's last one. */
  readonly last?: ThreadPosition;
}

async function readRows(
  backend: Backend,
  { tenant, user }: Reader,
  { owner, archived = false, deleted = false, from, to }: ThreadQuery,
  page: {
    readonly after: ThreadPosition | undefined;
    readonly skip: number;
    readonly count: number;
  },
): Promise<Rows> {
  const { after, skip, count } = page;
  const state = (archived ? 1 : 0) + (deleted ? 2 : 0);
  // Every thread stands in its owner's list too, which is the shorter one.
  const list = `${state}:${userOf(user ?? owner ?? null)}`;
  const [end, score, id, ...heads] = listOf(
    await runFor(
      backend,
      tenant,
      SCRIPTS.list,
      list,
      to === undefined ? "-inf" : String(-to),
      from === undefined ? "+inf" : String(-from),
      after === undefined ? "" : String(-after.updatedAt),
      after === undefined ? "" : nameOf(after.id),
      String(skip),
      String(count),
    ),
  );
  return {
    heads: heads.map(decodeHead),
    ...(textOf(end) === "more" && {
      last: { updatedAt: -Number(textOf(score)), id: idOf(textOf(id)) },
    }),
  };
}
