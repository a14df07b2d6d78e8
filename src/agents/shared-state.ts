import type { JsonObject } from "../model/json.ts";

/** What the agents of a thread share, with compare-and-set. */
export interface SharedState {
  /** As it is now. Version 0: nobody has written it. Cost: one read. */
  get(): Promise<{ readonly value: JsonObject; readonly version: number }>;
  /** Merges `patch` into it (RFC 7396: `null` removes a key) and answers its version, which by then may have grown once more.
   *  @param expected  the version that was seen
   *  @throws SkeinError  `version_conflict` with `actual` when it was another one, `limit_exceeded` above 256 KiB */
  patch(patch: JsonObject, expected?: number): Promise<number>;
}
