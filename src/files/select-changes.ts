import type { FileChange } from "../engine/file-calls.ts";

/** What is taken back: the changes of an operation, a run or a turn, single changes, or all after a version of the thread. */
export type RollbackScope =
  | { readonly operationId: string }
  | { readonly runId: string }
  | { readonly turnId: string }
  | { readonly changeIds: readonly string[] }
  | { readonly toVersion: number };

export interface Selection {
  /** Newest first. */
  readonly changes: readonly FileChange[];
  /** By path, a later change that is not among them. */
  readonly later: ReadonlyMap<string, FileChange>;
}

/** Chooses what a rollback takes back. What was taken back before does not count, unless that was taken back itself.
 *  @param all  changes of one workspace, newest first; read only as far as the scope needs */
export async function selectChanges(
  all: AsyncIterable<FileChange>,
  scope: RollbackScope,
): Promise<Selection> {
  const changes: FileChange[] = [];
  const later = new Map<string, FileChange>();
  const newest = new Map<string, FileChange>();
  const undone = new Set<string>();
  let missing = "changeIds" in scope ? new Set(scope.changeIds).size : Infinity;
  for await (const change of all) {
    if ("toVersion" in scope) {
      if (change.version <= scope.toVersion) break;
      changes.push(change);
      continue;
    }
    if (undone.has(change.changeId)) {
      if (isChosen(change, scope)) missing -= 1;
    } else if (isChosen(change, scope)) {
      missing -= 1;
      changes.push(change);
      for (const { path } of change.edits) {
        const other = newest.get(path);
        if (other !== undefined) later.set(path, other);
      }
    } else if (change.action === "rollback") {
      for (const id of change.undoes ?? []) undone.add(id);
    } else for (const { path } of change.edits) if (!newest.has(path)) newest.set(path, change);
    if (missing === 0) break;
  }
  return { changes, later };
}

function isChosen(
  change: FileChange,
  scope: Exclude<RollbackScope, { readonly toVersion: number }>,
): boolean {
  if ("changeIds" in scope) return scope.changeIds.includes(change.changeId);
  if ("operationId" in scope) return change.operationId === scope.operationId;
  // A rollback within a run or a turn has done its part of taking it back.
  if (change.action === "rollback") return false;
  return "runId" in scope ? change.runId === scope.runId : change.turnId === scope.turnId;
}
