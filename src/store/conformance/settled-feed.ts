import { setTimeout as sleep } from "node:timers/promises";
import type { Reader } from "../key.ts";
import type { FeedPage, FeedQuery } from "../query.ts";
import type { Store } from "../store.ts";

/** A page of the feed that has everything committed before: another program's transaction on the same server may hold the
 *  order of commits open for a moment. */
export async function settledFeed(store: Store, as: Reader, query: FeedQuery): Promise<FeedPage> {
  for (;;) {
    const page = await store.listFeed(as, query);
    if (page.isUnsettled !== true) return page;
    await sleep(5);
  }
}
