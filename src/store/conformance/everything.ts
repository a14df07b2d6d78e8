import type { Store } from "../store.ts";
import { EVERYBODY, existing, keyOf, TENANT } from "./fixture.ts";
import { settledFeed } from "./settled-feed.ts";

/** All that the store tells about a thread by every way but search and blobs, as JSON. */
export async function everythingAbout(
  store: Store,
  id: string,
  messageIds: readonly string[],
): Promise<string> {
  const key = keyOf(id);
  const [head = null] = await store.loadHeads([key]);
  const paths = Object.values(head?.branches ?? {}).map((branch) =>
    store.readPath(TENANT, branch, { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER }),
  );
  const runs = await store.listRuns(key, { limit: 1_000 });
  const told = await Promise.all([
    ...paths,
    ...messageIds.map((messageId) => store.listChunks(key, messageId)),
    ...runs.map((run) => store.listSteps(key, run.id)),
    store.loadThread(EVERYBODY, id),
    store.loadMessages(key, messageIds),
    store.loadFacts(
      key,
      messageIds.map((messageId) => ({
        kind: "message",
        id: messageId,
        ...(head?.branches["main"] && { on: existing(head.branches["main"]) }),
      })),
    ),
    store.listEntries(key, 0, 1_000),
    store.listThreads(EVERYBODY, { limit: 1_000 }),
    store.listThreads(EVERYBODY, { limit: 1_000, deleted: true }),
    store.listThreads(EVERYBODY, { limit: 1_000, archived: true }),
    settledFeed(store, EVERYBODY, { after: null, limit: 1_000 }),
    store.listRunnableRuns(),
    store.listDueRuns(Number.MAX_SAFE_INTEGER, 1_000),
    store.listCallingRuns(),
    store.listDueThreads(Number.MAX_SAFE_INTEGER, 1_000, null),
  ]);
  return JSON.stringify([head, runs, told]);
}
