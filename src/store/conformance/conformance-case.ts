import type { Capabilities } from "../capability.ts";
import type { Store } from "../store.ts";

/** What the adapter's author brings. Whoever calls `run` closes the stores that it opened. */
export interface ConformanceContext {
  /** Opens a store that has nothing in it yet. */
  readonly openStore: () => Promise<Store>;
  /** Closes the store and opens its data again. Needed where `capabilities.durable` is true. */
  readonly reopen?: (store: Store) => Promise<Store>;
}

/** One rule of the store contract. `run` resolves if the adapter keeps it, and rejects with an `AssertionError` that
 *  shows the difference if not. */
export interface ConformanceCase {
  /** A sentence in the present tense. Unique in the suite. */
  readonly name: string;
  /** What the adapter must be able to do for the rule to apply; absent: it always applies. */
  readonly requires?: Requirement;
  readonly run: (context: ConformanceContext) => Promise<void>;
}

export interface Requirement {
  readonly isMet: (capabilities: Capabilities) => boolean;
  /** Why the case is left out where it is not met. */
  readonly reason: string;
}

export const SHARED_FORKS: Requirement = {
  isMet: ({ sharedForks }) => sharedForks,
  reason: "The store copies what a fork includes.",
};

export const SEVERAL_THREADS: Requirement = {
  isMet: ({ multiThreadCommit }) => multiThreadCommit,
  reason: "The store changes one thread per commit.",
};

export const FORKS_AND_SEVERAL_THREADS: Requirement = {
  isMet: ({ sharedForks, multiThreadCommit }) => sharedForks && multiThreadCommit,
  reason: "The store copies what a fork includes, or changes one thread per commit.",
};

export const SEARCH: Requirement = {
  isMet: ({ search }) => search,
  reason: "The store has no full-text search.",
};

export const SEARCH_AND_FORKS: Requirement = {
  isMet: ({ search, sharedForks }) => search && sharedForks,
  reason: "The store has no full-text search, or copies what a fork includes.",
};

export const DURABLE: Requirement = {
  isMet: ({ durable }) => durable,
  reason: "The store keeps nothing after it is closed.",
};
