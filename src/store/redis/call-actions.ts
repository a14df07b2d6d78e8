import type { Action } from "../../model/action.ts";
import type { Run } from "../../model/run.ts";

/** The runs with their actions about calls changed, one after another in a fixed order. */
export function withCallActions(
  runs: readonly Run[],
  change: (action: Action, callMessageId: string) => Action,
): readonly Run[] {
  return runs.map((run) => {
    if (!run.actions?.some(isAboutCall)) return run;
    const actions = run.actions.map((action) =>
      action.callMessageId === undefined ? action : change(action, action.callMessageId),
    );
    return { ...run, actions };
  });
}

/** How many actions `withCallActions` changes. */
export function countCallActions(runs: readonly Run[]): number {
  return runs.reduce((sum, { actions = [] }) => sum + actions.filter(isAboutCall).length, 0);
}

function isAboutCall({ callMessageId }: Action): boolean {
  return callMessageId !== undefined;
}
