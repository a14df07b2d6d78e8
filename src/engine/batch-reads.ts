import { checkId } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { LIMITS } from "../model/limits.ts";
import type { Principal } from "../model/principal.ts";
import { threadOf } from "../model/thread.ts";
import type { Thread } from "../model/thread.ts";
import type { Store } from "../store/store.ts";
import { requireRead } from "./threads.ts";

interface Batch {
  readonly ids: string[];
  readonly loaded: Promise<readonly (Thread | null)[]>;
}

/** Joins reads of headers that are asked for at the same moment into one, per principal. Nothing is remembered
 *  afterwards: a failed read is not cached, and the next one asks the store again. */
export class BatchReads {
  readonly #store: Store;
  readonly #open = new Map<string, Batch>();

  constructor(store: Store) {
    this.#store = store;
  }

  async getMany(principal: Principal, ids: readonly string[]): Promise<readonly (Thread | null)[]> {
    requireRead(principal);
    if (ids.length > LIMITS.pageSize)
      throw new SkeinError("limit_exceeded", `At most ${LIMITS.pageSize} threads at once.`, {
        field: "ids",
        details: { limit: LIMITS.pageSize },
      });
    for (const id of ids) checkId(id, "ids");
    const batch = this.#batchFor(principal);
    const places = ids.map((id) => {
      const known = batch.ids.indexOf(id);
      return known >= 0 ? known : batch.ids.push(id) - 1;
    });
    const threads = await batch.loaded;
    return places.map((place) => threads[place] ?? null);
  }

  #batchFor(principal: Principal): Batch {
    const name = JSON.stringify([principal.tenant, principal.user]);
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const ids: string[] = [];
    const loaded = Promise.resolve().then(async () => {
      this.#open.delete(name);
      const heads = await this.#store.loadThreads(principal, ids);
      return heads.map((head) =>
        head === null || head.profile.deletedAt !== null ? null : threadOf(head),
      );
    });
    const batch = { ids, loaded };
    this.#open.set(name, batch);
    return batch;
  }
}
