import assert from "node:assert/strict";
import { isSkeinError } from "../../model/error.ts";
import type { Capabilities } from "../capability.ts";
import type { Store } from "../store.ts";
import { ACCESS_CASES } from "./access-cases.ts";
import { ACTION_ERASURE_CASES } from "./action-erasure-cases.ts";
import { BLOB_CASES } from "./blob-cases.ts";
import { CHUNK_CASES } from "./chunk-cases.ts";
import { COMMIT_CASES } from "./commit-cases.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { ENTRY_CASES } from "./entry-cases.ts";
import { ERASURE_CASES } from "./erasure-cases.ts";
import { FACT_CASES } from "./fact-cases.ts";
import { FEED_CASES } from "./feed-cases.ts";
import { FORK_CASES } from "./fork-cases.ts";
import { IDEMPOTENCY_CASES } from "./idempotency-cases.ts";
import { LEASE_CASES } from "./lease-cases.ts";
import { LIFETIME_CASES } from "./lifetime-cases.ts";
import { LIST_CASES } from "./list-cases.ts";
import { MOVING_CASES } from "./moving-cases.ts";
import { PATH_BOUND_CASES } from "./path-bound-cases.ts";
import { PATH_CASES } from "./path-cases.ts";
import { QUERY_CASES } from "./query-cases.ts";
import { EXPIRY_CASES } from "./expiry-cases.ts";
import { RELATIVE_CASES } from "./relative-cases.ts";
import { AGENDA_CASES } from "./agenda-cases.ts";
import { RUN_CASES } from "./run-cases.ts";
import { SEARCH_CASES } from "./search-cases.ts";
import { SHARED_ERASURE_CASES } from "./shared-erasure-cases.ts";
import { TRIM_CASES } from "./trim-cases.ts";
import { TRIM_SHARED_CASES } from "./trim-shared-cases.ts";

/** The rules of the store contract, for any test runner:
 *
 *      for (const rule of storeConformance) test(rule.name, () => rule.run({ openStore, reopen }));
 *
 *  Every case opens its own stores, and ends with a `check` that must find nothing wrong in them. */
export const storeConformance: readonly ConformanceCase[] = [
  ...COMMIT_CASES,
  ...IDEMPOTENCY_CASES,
  ...ENTRY_CASES,
  ...PATH_BOUND_CASES,
  ...PATH_CASES,
  ...FORK_CASES,
  ...RELATIVE_CASES,
  ...FACT_CASES,
  ...ACCESS_CASES,
  ...LIST_CASES,
  ...FEED_CASES,
  ...RUN_CASES,
  ...AGENDA_CASES,
  ...EXPIRY_CASES,
  ...CHUNK_CASES,
  ...BLOB_CASES,
  ...LEASE_CASES,
  ...ERASURE_CASES,
  ...ACTION_ERASURE_CASES,
  ...SHARED_ERASURE_CASES,
  ...TRIM_CASES,
  ...TRIM_SHARED_CASES,
  ...MOVING_CASES,
  ...QUERY_CASES,
  ...SEARCH_CASES,
  ...LIFETIME_CASES,
].map(withCheck);

/** Why a case does not apply to an adapter; `undefined` when it does. */
export function skipReason(
  { requires }: ConformanceCase,
  capabilities: Capabilities,
): string | undefined {
  return requires === undefined || requires.isMet(capabilities) ? undefined : requires.reason;
}

function withCheck(rule: ConformanceCase): ConformanceCase {
  return {
    ...rule,
    run: async ({ openStore, reopen }) => {
      const opened: Store[] = [];
      const remember = async (opening: Promise<Store>): Promise<Store> => {
        const store = await opening;
        opened.push(store);
        return store;
      };
      await rule.run({
        openStore: () => remember(openStore()),
        ...(reopen && { reopen: (store) => remember(reopen(store)) }),
      });
      for (const store of opened) await provesSound(store);
    },
  };
}

async function provesSound(store: Store): Promise<void> {
  try {
    const { problems } = await store.check({ repair: false });
    assert.deepEqual(problems, []);
  } catch (error) {
    if (!isSkeinError(error, "store_closed")) throw error;
  }
}
