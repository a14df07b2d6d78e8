import type { Entry } from "../../model/entry.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadClaims, KeptMessage, Store, ThreadKey } from "../store.ts";

const ENTRIES_AT_ONCE = 500;
const ENTRY_BYTES = 4 * 1024 * 1024;
const KEPT_AT_ONCE = 500;
const RUNS_AT_ONCE = 200;
const CLAIMED_VERSIONS = 5_000;

/** Entries behind `after`, up to `until`, page by page. */
export async function* entryPages(
  store: Store,
  key: ThreadKey,
  after: number,
  until: number,
): AsyncGenerator<readonly Entry[]> {
  for (let last = after; last < until;) {
    const limit = Math.min(ENTRIES_AT_ONCE, until - last);
    const found = await store.listEntries(key, last, limit, ENTRY_BYTES);
    // A trimmed log begins later than 1.
    const page = found.filter(({ version }) => version <= until);
    const newest = page.at(-1);
    if (newest === undefined) return;
    yield page;
    last = newest.version;
  }
}

export async function allKept(store: Store, key: ThreadKey): Promise<readonly KeptMessage[]> {
  const kept: KeptMessage[] = [];
  for (;;) {
    const page = await store.listKept(key, kept.at(-1)?.message.version ?? 0, KEPT_AT_ONCE);
    if (page.length === 0) return kept;
    kept.push(...page);
  }
}

/** The newest first. */
export async function allRuns(store: Store, key: ThreadKey): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (;;) {
    const last = runs.at(-1);
    const page = await store.listRuns(key, {
      limit: RUNS_AT_ONCE,
      ...(last !== undefined && { before: last.id }),
    });
    if (page.length === 0) return runs;
    runs.push(...page);
  }
}

export async function stepsOf(
  store: Store,
  key: ThreadKey,
  runs: readonly Run[],
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const { id } of runs) steps.push(...(await store.listSteps(key, id)));
  return steps;
}

/** Claims of consecutive versions, read in stretches. */
export class ClaimReader {
  readonly #store: Store;
  readonly #key: ThreadKey;
  #claims: ThreadClaims = { givenIds: [], operations: [] };
  #from = 1;
  #to = 0;

  constructor(store: Store, key: ThreadKey) {
    this.#store = store;
    this.#key = key;
  }

  async read(from: number, to: number): Promise<ThreadClaims> {
    if (from < this.#from || to > this.#to) {
      this.#from = from;
      this.#to = Math.max(to, from + CLAIMED_VERSIONS);
      this.#claims = await this.#store.listClaims(this.#key, this.#from, this.#to);
    }
    const { givenIds, operations } = this.#claims;
    return {
      givenIds: givenIds.filter(({ version }) => version >= from && version <= to),
      operations: operations.filter(({ toVersion }) => toVersion >= from && toVersion <= to),
    };
  }
}
