import { MAIN } from "../model/thread.ts";
import type { BranchHead, ThreadHead } from "../model/thread.ts";

/** The branches of a thread: `main`, then the oldest first; of the same time by name, `main~2` before `main~10`.
 *  Stores keep them in orders of their own. */
export function listBranches({ branches }: Pick<ThreadHead, "branches">): readonly BranchHead[] {
  return Object.values(branches).toSorted(
    (a, b) =>
      Number(b.name === MAIN) - Number(a.name === MAIN) ||
      a.createdAt - b.createdAt ||
      a.name.length - b.name.length ||
      (a.name < b.name ? -1 : 1),
  );
}
