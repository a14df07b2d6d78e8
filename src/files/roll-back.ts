import { randomUUID } from "node:crypto";
import { crashPoint } from "../agents/crash-point.ts";
import type { FileChange } from "../engine/file-calls.ts";
import { SkeinError } from "../model/error.ts";
import type { FileBegin, FileEdit } from "../model/file-change.ts";
import { LIMITS } from "../model/limits.ts";
import { carryOut, foldersFor, noteEnd } from "./carry-out.ts";
import type { EditResult } from "./carry-out.ts";
import type { SeenFile } from "./file-state.ts";
import { lookAt } from "./look-at.ts";
import { removeEmpty } from "./place-file.ts";
import { foldersOf, planRollback } from "./plan-rollback.ts";
import type { RollbackStep } from "./plan-rollback.ts";
import type { Recorder } from "./recorder.ts";
import { recoverChanges } from "./recover.ts";
import { selectChanges } from "./select-changes.ts";
import type { RollbackScope } from "./select-changes.ts";
import { walk } from "./walk.ts";
import { threeWay } from "./three-way.ts";
import type { ThreeWay } from "./three-way.ts";
import type { Room } from "./workspace-room.ts";

export interface RollbackOptions {
  /** Only says what would happen; nothing is touched or noted. Default false. */
  readonly dryRun?: boolean;
  /** Also takes back what somebody changed since; that is kept, so that the rollback can be taken back. Default false: with one
   *  conflict nothing is touched at all. */
  readonly force?: boolean;
}

/** What a rollback did to one file, or would do. */
export interface RolledBack extends RollbackStep {
  readonly outcome: "planned" | "restored" | "unchanged" | "refused" | "failed";
  /** Of a conflict. */
  readonly view?: ThreeWay;
  /** Why it failed. */
  readonly problem?: string;
}

export interface Rollback {
  /** Names the rollback, to take it back; `null` when nothing was written. */
  readonly operationId: string | null;
  readonly isDryRun: boolean;
  /** Every file is as it was before the changes. */
  readonly isComplete: boolean;
  readonly files: readonly RolledBack[];
}

/** Takes changes of files back: all that can be, or nothing. The lock must be held. */
export async function rollBack(
  room: Room,
  recorder: Recorder,
  scope: RollbackScope,
  { dryRun = false, force = false }: RollbackOptions = {},
): Promise<Rollback> {
  if (!dryRun) await recoverChanges(room, recorder);
  const selection = await selectChanges(ownChanges(room, recorder), scope);
  const { changes } = selection;
  if (changes.length === 0)
    throw new SkeinError("change_not_found", "There is nothing of this workspace to take back.", {
      details: { scope: JSON.stringify(scope) },
    });
  requireEnded(changes);
  const { seen, obstacles } = await sightsOf(room, changes);
  const states = new Map([...seen].map(([path, file]) => [path, file?.state ?? null]));
  const steps = planRollback(selection, states, obstacles);
  const isBlocked = steps.some((it) => it.action === "not-kept" || it.action === "conflict");
  if (dryRun || (isBlocked && !force)) {
    const files = await Promise.all(
      steps.map((step) =>
        planned(recorder, step, seen.get(step.path) ?? null, isBlocked && !force),
      ),
    );
    const isComplete = files.every(({ outcome }) => outcome === "unchanged");
    return { operationId: null, isDryRun: dryRun, isComplete, files };
  }
  return carriedOut(room, recorder, { changes, steps, seen });
}

async function* ownChanges(room: Room, recorder: Recorder): AsyncGenerator<FileChange> {
  for await (const change of recorder.changes({}))
    if (change.workspace === room.workspace) yield change;
}

function requireEnded(changes: readonly FileChange[]): void {
  const open = changes.find(({ outcome }) => outcome === "open");
  if (open !== undefined)
    throw new SkeinError("file_conflict", `Operation ${open.operationId} is not over.`, {
      details: { operation_id: open.operationId },
    });
}

interface Sights {
  readonly seen: ReadonlyMap<string, SeenFile | null>;
  /** By path, what else stands where the file would be. */
  readonly obstacles: ReadonlyMap<string, string>;
}

async function sightsOf({ jail, limits }: Room, changes: readonly FileChange[]): Promise<Sights> {
  const paths = new Set(changes.flatMap(({ edits }) => edits.map(({ path }) => path)));
  const seen = new Map<string, SeenFile | null>();
  const obstacles = new Map<string, string>();
  for (const path of paths) {
    const { seen: file, isFolder, blockedBy } = await lookAt(jail, path, limits.fileBytes);
    seen.set(path, file);
    if (blockedBy !== null && !paths.has(blockedBy))
      obstacles.set(path, `goes through ${blockedBy}, which is a file now`);
    if (!isFolder) continue;
    for await (const found of walk(jail, path, true))
      if (found.kind !== "folder" && !paths.has(found.path))
        obstacles.set(path, `is a folder now, with ${found.path}`);
  }
  return { seen, obstacles };
}

async function planned(
  recorder: Recorder,
  step: RollbackStep,
  now: SeenFile | null,
  isRefused: boolean,
): Promise<RolledBack> {
  if (step.action === "unchanged") return { ...step, outcome: "unchanged" };
  const outcome = isRefused ? "refused" : "planned";
  return step.action === "conflict"
    ? { ...step, outcome, view: await threeWay(recorder, step, now) }
    : { ...step, outcome };
}

interface Plan {
  readonly changes: readonly FileChange[];
  readonly steps: readonly RollbackStep[];
  readonly seen: ReadonlyMap<string, SeenFile | null>;
}

async function carriedOut(
  room: Room,
  recorder: Recorder,
  { changes, steps, seen }: Plan,
): Promise<Rollback> {
  const todo = steps.filter(({ action }) => action === "restore" || action === "conflict");
  // What is about to go has to be there for whoever takes the rollback back.
  const unkept = new Set<string>();
  for (const { path, target } of todo) {
    const now = seen.get(path);
    if (now?.bytes) await recorder.save(now.state, now.bytes);
    const isLost = (now?.bytes ?? null) === null && now != null;
    if (isLost || target?.isKept === false) unkept.add(path);
  }
  const groups = grouped(inOrder(todo.filter(({ path }) => !unkept.has(path))));
  const begins = await Promise.all(groups.map((group) => beginningOf(room, recorder, group)));
  crashPoint("before-file-intent");
  for (const begin of begins) await recorder.record(begin);
  crashPoint("after-file-intent");
  const results: EditResult[] = [];
  const perGroup: (readonly EditResult[])[] = [];
  for (const begin of begins) {
    const those = await carryOut(room, recorder, begin);
    perGroup.push(those);
    results.push(...those);
  }
  const failed = new Map(
    results.flatMap((it) => (it.error === undefined ? [] : [[it.edit.path, it.error]])),
  );
  const stays = new Set([...failed.keys(), ...unkept, ...notKept(steps)]);
  for (const [index, begin] of begins.entries()) {
    const undoes = (begin.undoes ?? []).filter((id) => isUndone(changes, id, stays));
    await noteEnd(room, recorder, begin, perGroup[index] ?? [], undoes);
  }
  await removeEmpty(
    room.jail.root,
    changes.flatMap(({ folders = [] }) => folders),
  );
  const files = steps.map((step) => outcomeOf(step, stays, failed));
  return {
    operationId: begins.length === 0 ? null : recorder.operationId,
    isDryRun: false,
    isComplete: files.every(({ outcome }) => outcome === "restored" || outcome === "unchanged"),
    files,
  };
}

function notKept(steps: readonly RollbackStep[]): readonly string[] {
  return steps.flatMap(({ path, action }) => (action === "not-kept" ? [path] : []));
}

function isUndone(
  changes: readonly FileChange[],
  changeId: string,
  stays: ReadonlySet<string>,
): boolean {
  const change = changes.find((it) => it.changeId === changeId);
  return change?.edits.every(({ path }) => !stays.has(path)) === true;
}

function outcomeOf(
  step: RollbackStep,
  stays: ReadonlySet<string>,
  failed: ReadonlyMap<string, unknown>,
): RolledBack {
  if (step.action === "unchanged") return { ...step, outcome: "unchanged" };
  if (!stays.has(step.path)) return { ...step, outcome: "restored" };
  const error = failed.get(step.path);
  const problem = error instanceof Error ? error.message : "It was too large to be kept.";
  return { ...step, outcome: "failed", problem };
}

/** Newest changes first; but what goes makes room before what comes, where a file stands in the place of a folder. */
function inOrder(steps: readonly RollbackStep[]): readonly RollbackStep[] {
  const paths = new Set(steps.map(({ path }) => path));
  const isClash = steps.some(({ path }) => foldersOf(path).some((folder) => paths.has(folder)));
  if (!isClash) return steps;
  return [
    ...steps.filter(({ target }) => target === null),
    ...steps.filter(({ target }) => target !== null),
  ];
}

/** What one record of the log takes. */
function grouped(steps: readonly RollbackStep[]): readonly (readonly RollbackStep[])[] {
  const groups: RollbackStep[][] = [];
  const most = LIMITS.editsPerFileChange;
  if (steps.length > most * LIMITS.openFileChanges)
    throw new SkeinError(
      "limit_exceeded",
      `A rollback takes ${most * LIMITS.openFileChanges} files back at most.`,
    );
  for (let at = 0; at < steps.length; at += most) groups.push(steps.slice(at, at + most));
  return groups;
}

async function beginningOf(
  room: Room,
  { operationId, callId }: Recorder,
  steps: readonly RollbackStep[],
): Promise<FileBegin> {
  const edits: readonly FileEdit[] = steps.map(({ path, now, target }) => ({
    path,
    before: now,
    after: target,
  }));
  const folders = await foldersFor(room, edits);
  return {
    phase: "begin",
    changeId: `fc_${randomUUID()}`,
    workspace: room.workspace,
    operationId,
    action: "rollback",
    edits,
    ...(folders.length > 0 && { folders }),
    ...(callId !== undefined && { callId }),
    undoes: [...new Set(steps.flatMap(({ changeIds }) => changeIds))],
  };
}
