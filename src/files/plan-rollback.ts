import { isSameState } from "../model/file-change.ts";
import type { FileEdit, FileState } from "../model/file-change.ts";
import type { Selection } from "./select-changes.ts";

/** What a rollback does to one file. */
export interface RollbackStep {
  readonly path: string;
  /** As it is. */
  readonly now: FileState | null;
  /** As it is to be. */
  readonly target: FileState | null;
  /** What the newest of the changes has left. */
  readonly left: FileState | null;
  /** `restore`: it is as the changes left it. `unchanged`: it is as it should be. `conflict`: somebody changed it since.
   *  `not-kept`: it was too large, and nobody has its content. */
  readonly action: "restore" | "unchanged" | "conflict" | "not-kept";
  /** Why there is a conflict, for people. */
  readonly reason?: string;
  /** The changes that it takes back. */
  readonly changeIds: readonly string[];
}

/** Works out, file by file, where taking changes back leads, from the newest change on. Pure.
 *  @param now  every file of the changes as it is
 *  @param obstacles  by path, what else stands where the file would be */
export function planRollback(
  { changes, later }: Selection,
  now: ReadonlyMap<string, FileState | null>,
  obstacles: ReadonlyMap<string, string> = new Map(),
): readonly RollbackStep[] {
  const edits = changes.flatMap((change) =>
    // Within one change the last edit of a file is the newest.
    change.edits.toReversed().map((edit) => ({ edit, changeId: change.changeId })),
  );
  const byPath = Map.groupBy(edits, ({ edit }) => edit.path);
  const steps = [...byPath].map(([path, those]): RollbackStep => {
    const changeIds = [...new Set(those.map(({ changeId }) => changeId))];
    const other = later.get(path);
    const step = stepOf(
      path,
      now.get(path) ?? null,
      those.map(({ edit }) => edit),
    );
    const obstacle = step.target === null ? undefined : obstacles.get(path);
    if (step.action === "unchanged" || (other === undefined && obstacle === undefined))
      return { ...step, changeIds };
    const reason = obstacle ?? `was changed later by operation ${other?.operationId}`;
    return { ...step, action: "conflict", reason, changeIds };
  });
  return withoutClashes(steps);
}

/** A file and one in a folder of the same name cannot both be there: one of them was made by somebody else. */
function withoutClashes(steps: readonly RollbackStep[]): readonly RollbackStep[] {
  const standing = new Map(
    steps.filter(({ target }) => target !== null).map((step) => [step.path, step]),
  );
  const reasons = new Map<string, string>();
  for (const { path } of standing.values())
    for (const folder of foldersOf(path)) {
      const other = standing.get(folder);
      if (other?.action === "restore") reasons.set(folder, `would be a folder, with ${path}`);
      else if (other !== undefined) reasons.set(path, `goes through ${folder}, which is a file`);
    }
  return steps.map((step) => {
    const reason = reasons.get(step.path);
    return reason === undefined || step.action === "unchanged"
      ? step
      : { ...step, action: "conflict", reason };
  });
}

/** The folders that a path leads through, outer ones first. */
export function foldersOf(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, depth) => names.slice(0, depth + 1).join("/"));
}

/** @param edits  of one file, newest first */
function stepOf(
  path: string,
  now: FileState | null,
  edits: readonly FileEdit[],
): Omit<RollbackStep, "changeIds"> {
  const left = edits[0]?.after ?? null;
  const target = edits.at(-1)?.before ?? null;
  const step = { path, now, target, left };
  if (isSameState(now, target)) return { ...step, action: "unchanged" };
  let at = now;
  for (const { before, after } of edits) {
    if (isSameState(at, after)) at = before;
    else if (!isSameState(at, before))
      return { ...step, action: "conflict", reason: "is not as the changes left it" };
  }
  return target?.isKept === false
    ? { ...step, action: "not-kept" }
    : { ...step, action: "restore" };
}
