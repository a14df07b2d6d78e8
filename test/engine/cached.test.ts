import { cached } from "../../src/store/cached/cached.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { fromRepository } from "../../src/store/repository/from-repository.ts";
import type { Store } from "../../src/store/store.ts";
import type { RepositoryThread } from "../../src/store/repository/thread-repository.ts";
import { sqliteAdapter, testEngine } from "./engine.test-support.ts";

testEngine({ name: "cached memory", open: (beside) => beside ?? cached(memoryStore()) });

const { open } = sqliteAdapter("sqlite", false);
const inner = new WeakMap<Store, Store>();
testEngine({
  name: "cached sqlite",
  open: async (beside) => {
    const store = await open(beside && inner.get(beside));
    const wrapped = cached(store);
    inner.set(wrapped, store);
    return wrapped;
  },
});
function repository(): Store {
  const records = new Map<string, RepositoryThread>();
  return fromRepository({
    getThread: async (id) => records.get(id),
    putThread: async (thread) => void records.set(thread.id, thread),
    deleteThread: async (id) => void records.delete(id),
    getUserThreads: async (userId) =>
      [...records.values()].filter((thread) => thread.userId === userId),
    getThreadsByDateRange: async () => [...records.values()],
  });
}
const ONE_TENANT = "A repository has one tenant.";
const SLOW = "A repository puts the whole thread on every commit: 64,000 appends take minutes.";
const NO_FEED = "A repository has no feed of all threads.";
testEngine({
  name: "a cached repository",
  open: (beside) => beside ?? cached(repository()),
  unable: {
    "64 writers append 1,000 times each to one thread: gapless, and nothing is lost": SLOW,
    "tenants see nothing of one another, and may use the same ids": ONE_TENANT,
    "the feed tells of threads that were made, changed, archived and deleted": NO_FEED,
    "the feed goes on behind a cursor without a gap or a repetition": NO_FEED,
    "the feed of a user has only what the user may see": NO_FEED,
  },
});
