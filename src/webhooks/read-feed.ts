import type { FeedPage } from "../store/query.ts";
import type { Store } from "../store/store.ts";
import { isSkeinError } from "../model/error.ts";
import type { Progress } from "./endpoint.ts";
import { versionBefore } from "./thread-messages.ts";

/** How far the clocks of those who commit may be apart, and a commit may take. */
const MARGIN_MS = 60_000;

/** What became of a thread since the cursor. */
export interface ThreadChange {
  readonly threadId: string;
  /** The version before. */
  readonly since: number;
  readonly until: number;
}

export interface Changes {
  readonly changes: readonly ThreadChange[];
  readonly isAtEnd: boolean;
  /** More is about to follow, and nobody tells when. */
  readonly isUnsettled: boolean;
  readonly next: Pick<Progress, "cursor" | "seenUntil" | "notBefore">;
}

/** The threads that have changed behind the cursor, each once.
 *  @param lastSeen  of threads, where the caller knows it */
export async function readFeed(
  store: Store,
  tenant: string,
  at: Pick<Progress, "cursor" | "seenUntil" | "notBefore">,
  options: {
    readonly limit: number;
    readonly now: number;
    readonly lastSeen: (threadId: string) => number | undefined;
  },
): Promise<Changes> {
  const { limit, now, lastSeen } = options;
  const page = await pageBehind(store, tenant, at, limit);
  if (page === undefined)
    // Another store's cursor, of a backup or a copy: from about where that one was.
    return readFeed(
      store,
      tenant,
      { ...at, cursor: null, notBefore: Math.max(at.notBefore, at.seenUntil - MARGIN_MS) },
      options,
    );
  const changes: ThreadChange[] = [];
  for (const [threadId, events] of Map.groupBy(page.events, (event) => event.threadId)) {
    const until = Math.max(...events.map(({ version }) => version));
    // A long way back only few threads have changed since then.
    if (events.every(({ thread }) => thread.updatedAt < at.notBefore)) continue;
    const known = events.map(({ type, since }) => (type === "created" ? 0 : since));
    const exact = known.every((since) => since !== undefined)
      ? Math.min(...known)
      : known.includes(0)
        ? 0
        : lastSeen(threadId);
    const key = { tenant, id: threadId };
    const since = exact ?? (await versionBefore(store, key, until, at.seenUntil - MARGIN_MS));
    changes.push({ threadId, since, until });
  }
  const isUnsettled = page.isUnsettled === true;
  return {
    changes,
    isAtEnd: page.isAtEnd,
    isUnsettled,
    next: {
      cursor: page.cursor,
      seenUntil: page.isAtEnd && !isUnsettled ? now : at.seenUntil,
      notBefore: at.notBefore,
    },
  };
}

async function pageBehind(
  store: Store,
  tenant: string,
  { cursor }: Pick<Progress, "cursor">,
  limit: number,
): Promise<FeedPage | undefined> {
  try {
    return await store.listFeed({ tenant, user: null }, { after: cursor, limit });
  } catch (error) {
    if (isSkeinError(error, "invalid_cursor")) return undefined;
    throw error;
  }
}
