import { SkeinError } from "../../model/error.ts";
import type { Store } from "../store.ts";
import { ByteCache } from "./byte-cache.ts";
import { cachedReads } from "./cached-reads.ts";
import type { Kept } from "./cached-reads.ts";
import { milliseconds } from "../duration.ts";
import type { Duration } from "../../model/duration.ts";

const DEFAULT_BYTES = 67_108_864;

export interface CacheOptions {
  /** How long something is kept that nobody asks for. Default `30m`. */
  readonly ttl?: Duration;
  /** Bound on all that is kept, by estimate. Default 64 MiB. */
  readonly maxBytes?: number;
}

/**
 * The same store with a memory: heads, pages of messages and pages of the log are kept for as long as the thread's
 * version stays. Every read still asks the store whether the reader may see the thread and whether the version holds,
 * which brings no payload: nothing is served that was changed, redacted, deleted or forbidden meanwhile, by whatever
 * process. Many who ask for the same at once cause one load. A write or a deletion drops what is kept of its thread.
 *
 * Of pages only those are kept whose messages the thread itself wrote: what a fork shows of its origin can change without
 * the fork's version. Closing the cached store closes the store.
 *
 * @throws SkeinError  `invalid_request` for options that make no sense
 */
export function cached<S extends Store>(store: S, options: CacheOptions = {}): S {
  const ttlMs = milliseconds(options.ttl ?? "30m", "ttl");
  const maxBytes = options.maxBytes ?? DEFAULT_BYTES;
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0)
    throw new SkeinError(
      "invalid_request",
      `maxBytes must be a whole number of bytes above 0, not ${JSON.stringify(options.maxBytes)}.`,
      { field: "maxBytes" },
    );
  const reads = cachedReads(store, new ByteCache<Kept>(maxBytes, ttlMs));
  return new Proxy(store, {
    get(target, name): unknown {
      if (Object.hasOwn(reads, name)) return Reflect.get(reads, name);
      const value: unknown = Reflect.get(target, name, target);
      // The store's own fields are private to it.
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
