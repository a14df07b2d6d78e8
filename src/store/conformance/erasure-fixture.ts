import assert from "node:assert/strict";
import type { Message } from "../../model/message.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Store } from "../store.ts";
import { everythingAbout } from "./everything.ts";
import { existing, TENANT } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { endOf } from "./message-fixture.ts";

export const SECRET = "xyzzysecret";
export const PURGE: Change = { op: "thread.purge", data: {} };

/** The whole of `main`. */
export async function pathOf(store: Store, head: ThreadHead): Promise<readonly Message[]> {
  const range = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };
  return store.readPath(TENANT, endOf(head), range);
}

/** Proves that no reading of the threads has the secret any more. */
export async function provesForgotten(
  store: Store,
  threadIds: readonly string[],
  messageIds: readonly string[],
): Promise<void> {
  for (const id of threadIds) {
    const told = existing(await everythingAbout(store, id, messageIds));
    const at = told.indexOf(SECRET);
    assert.equal(at, -1, `${id} still tells it: …${told.slice(Math.max(0, at - 300), at + 20)}`);
  }
}
