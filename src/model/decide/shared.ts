import { mergePatch } from "../apply.ts";
import { checkJsonSize } from "../check-size.ts";
import type { StatePatchCommand } from "../command.ts";
import { SkeinError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";

/** Changes what the agents of the thread share, if it is as the caller saw it. */
export function patchState(
  draft: Draft,
  { patch, expectedState }: Omit<StatePatchCommand, "type">,
): void {
  const { state = {}, stateVersion: actual = 0 } = draft.head.profile;
  if (expectedState !== undefined && expectedState !== actual)
    throw new SkeinError(
      "version_conflict",
      `The shared state is at version ${actual}, expected ${expectedState}. Read it and try again.`,
      { field: "expected_state", details: { actual, expected: expectedState } },
    );
  checkJsonSize(mergePatch(state, patch), "state", LIMITS.stateBytes);
  emit(draft, "state.patch", { patch });
}
