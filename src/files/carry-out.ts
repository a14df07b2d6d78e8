import { crashPoint } from "../agents/crash-point.ts";
import { isSkeinError } from "../model/error.ts";
import type { FileBegin, FileEdit, FileOutcome, FileState } from "../model/file-change.ts";
import { isSameState } from "../model/file-change.ts";
import { find } from "./locate.ts";
import { clearFolder, lookAt } from "./look-at.ts";
import { clearAside, conflict, placeFile, removeEmpty } from "./place-file.ts";
import type { Recorder } from "./recorder.ts";
import type { Room } from "./workspace-room.ts";

/** What became of one edit. */
export interface EditResult {
  readonly edit: FileEdit;
  /** Absent: it was carried out. */
  readonly error?: unknown;
}

/** Content that need not be loaded, by hash. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** Carries planned edits out, one after the other, each whole or not at all; what is as it should be already counts. One that
 *  cannot be carried out does not keep the others back. The intent is in the log. */
export async function carryOut(
  room: Room,
  recorder: Pick<Recorder, "load">,
  change: Pick<FileBegin, "changeId" | "edits">,
  contents: Contents = new Map(),
): Promise<readonly EditResult[]> {
  const results: EditResult[] = [];
  for (const [index, edit] of change.edits.entries()) {
    try {
      await carryOutOne(room, recorder, edit, `${change.changeId}-${index}`, contents);
      results.push({ edit });
    } catch (error) {
      if (isSkeinError(error, "lease_lost")) throw error;
      results.push({ edit, error });
    }
  }
  return results;
}

async function carryOutOne(
  room: Room,
  recorder: Pick<Recorder, "load">,
  { path, before, after }: FileEdit,
  token: string,
  contents: Contents,
): Promise<void> {
  const mostBytes = Math.max(before?.sizeBytes ?? 0, after?.sizeBytes ?? 0);
  const { absolute } = await lookAt(room.jail, path, 0);
  await clearAside({ absolute, before }, token);
  const { seen, isFolder, blockedBy } = await lookAt(room.jail, path, mostBytes);
  if (isSameState(seen?.state ?? null, after)) return;
  if (blockedBy !== null || !isSameState(seen?.state ?? null, before)) throw conflict(path);
  if (isFolder) await clearFolder(room.jail, path);
  const content =
    after === null
      ? null
      : { state: after, bytes: contents.get(after.sha256) ?? (await recorder.load(after)) };
  await placeFile({ path, absolute, before, after: content }, token);
}

/** Notes the intent, carries it out, notes how it ended. */
export async function carryOutNoted(
  room: Room,
  recorder: Recorder,
  change: FileBegin,
  contents: Contents,
): Promise<readonly EditResult[]> {
  crashPoint("before-file-intent");
  await recorder.record(change);
  crashPoint("after-file-intent");
  const results = await carryOut(room, recorder, change, contents);
  await noteEnd(room, recorder, change, results);
  return results;
}

/** Notes how a change ended. */
export async function noteEnd(
  room: Room,
  recorder: Pick<Recorder, "record">,
  { changeId, edits, folders = [] }: Pick<FileBegin, "changeId" | "edits" | "folders">,
  results: readonly EditResult[],
  undoes?: readonly string[],
): Promise<FileOutcome> {
  const carried = results.flatMap(({ edit, error }) => (error === undefined ? [edit] : []));
  const outcome =
    carried.length === edits.length ? "done" : carried.length === 0 ? "failed" : "partial";
  if (outcome === "failed") await removeEmpty(room.jail.root, folders);
  crashPoint("before-file-result");
  await recorder.record({
    phase: "end",
    changeId,
    outcome,
    ...(outcome !== "done" && { edits: carried, problem: problemOf(results) }),
    ...(undoes !== undefined && { undoes }),
  });
  crashPoint("after-file-result");
  return outcome;
}

/** Why edits were not carried out, on one line. */
export function problemOf(results: readonly EditResult[]): string {
  const reasons = results.flatMap(({ edit, error }) =>
    error === undefined ? [] : [`${edit.path}: ${error instanceof Error ? error.message : "?"}`],
  );
  return reasons
    .join("; ")
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, 1_000)
    .toWellFormed();
}

/** The folders that edits make, outer ones first. */
export async function foldersFor(
  room: Room,
  edits: readonly { readonly path: string; readonly after: FileState | null }[],
): Promise<readonly string[]> {
  const missing = await Promise.all(
    edits.map(async ({ path, after }) =>
      after === null ? [] : (await find(room.jail, path)).missing,
    ),
  );
  return [...new Set(missing.flat())];
}
