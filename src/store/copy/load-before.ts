import type { Entry } from "../../model/entry.ts";
import { isEnded } from "../../model/run-transitions.ts";
import type { Store, ThreadKey } from "../store.ts";
import { allKept, allRuns, stepsOf } from "./read-pages.ts";
import type { Before } from "./writes-of.ts";

/** What a thread has of before its log. Held whole: it is brought at once, with the first entry. */
export async function loadBefore(
  from: Store,
  key: ThreadKey,
  first: Entry | undefined,
): Promise<Before> {
  if (first?.op !== "retention.trim") return { kept: [] };
  const { runs: open, runCount } = first.data.snapshot.activity;
  // As many as there were when it was trimmed, and the snapshot has those that had not ended.
  const began = (await allRuns(from, key)).toReversed().slice(0, runCount);
  const isOpen = new Set(open.map(({ id }) => id));
  const runs = began.filter(({ id, status }) => isEnded(status) && !isOpen.has(id));
  const claims = await from.listClaims(key, 1, first.version - 1);
  const steps = await stepsOf(from, key, began);
  return { kept: await allKept(from, key), earlier: { ...claims, runs, steps } };
}
