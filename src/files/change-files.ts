import { randomUUID } from "node:crypto";
import type { FileChange } from "../engine/file-calls.ts";
import { SkeinError } from "../model/error.ts";
import { isSameState } from "../model/file-change.ts";
import type { FileAction, FileBegin, FileEdit } from "../model/file-change.ts";
import { carryOutNoted, foldersFor, problemOf } from "./carry-out.ts";
import type { EditResult } from "./carry-out.ts";
import type { SeenFile } from "./file-state.ts";
import type { Recorder } from "./recorder.ts";
import { recoverChanges } from "./recover.ts";
import type { Room } from "./workspace-room.ts";

/** What is to become of a file. */
export interface PlannedEdit {
  readonly path: string;
  readonly before: SeenFile | null;
  readonly after: SeenFile | null;
  readonly movedFrom?: string;
}

/** What is asked for: all of it, so that the same is not done twice. */
export interface Asked {
  readonly action: FileAction;
  readonly [detail: string]: unknown;
}

/** What a call changed. */
export interface Changed {
  /** `null`: everything was as it should be. */
  readonly changeId: string | null;
  readonly edits: readonly FileEdit[];
}

/** How many changes back a repetition looks for itself: what was interrupted is among the newest. */
const LOOKED_BACK = 32;

/** Plans and carries out one change of files, alone in the workspace. Done before under the same operation, it is not done again.
 *  What processes that died have left of the thread's changes is finished first.
 *  @throws SkeinError  `file_conflict` if a file was changed between the plan and the deed */
export function changeFiles(
  room: Room,
  recorder: Recorder,
  { action, ...input }: Asked,
  plan: () => Promise<readonly PlannedEdit[]>,
): Promise<Changed> {
  const request = recorder.requestOf([action, input]);
  return room.lock.run(async () => {
    await recoverChanges(room, recorder);
    const earlier = await earlierChange(room, recorder, request);
    if (earlier !== undefined) return { changeId: earlier.changeId, edits: earlier.edits };
    const planned = await plan();
    const edits = planned.map(editOf).filter(({ before, after }) => !isSameState(before, after));
    if (edits.length === 0) return { changeId: null, edits };
    const change = await noted(room, recorder, {
      action,
      edits,
      ...(request !== undefined && { request }),
    });
    const contents = await saved(recorder, planned);
    const results = await carryOutNoted(room, recorder, change, contents);
    throwFirst(results);
    return { changeId: change.changeId, edits };
  });
}

function editOf({ path, before, after, movedFrom }: PlannedEdit): FileEdit {
  return {
    path,
    before: before?.state ?? null,
    after: after?.state ?? null,
    ...(movedFrom !== undefined && { movedFrom }),
  };
}

async function noted(
  room: Room,
  { operationId, callId }: Recorder,
  asked: Pick<FileBegin, "action" | "edits" | "request">,
): Promise<FileBegin> {
  const folders = await foldersFor(room, asked.edits);
  return {
    phase: "begin",
    changeId: `fc_${randomUUID()}`,
    workspace: room.workspace,
    operationId,
    ...asked,
    ...(folders.length > 0 && { folders }),
    ...(callId !== undefined && { callId }),
  };
}

/** Keeps every content, before the log names it. */
async function saved(
  recorder: Recorder,
  planned: readonly PlannedEdit[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const seen of planned.flatMap(({ before, after }) => [before, after])) {
    if (seen?.bytes == null || contents.has(seen.state.sha256)) continue;
    contents.set(seen.state.sha256, seen.bytes);
    await recorder.save(seen.state, seen.bytes);
  }
  return contents;
}

async function earlierChange(
  room: Room,
  recorder: Recorder,
  request: string | undefined,
): Promise<FileChange | undefined> {
  if (request === undefined) return undefined;
  let left = LOOKED_BACK;
  for await (const change of recorder.changes({ limit: LOOKED_BACK })) {
    const isMine =
      change.workspace === room.workspace &&
      change.operationId === recorder.operationId &&
      change.request === request;
    if (isMine && change.outcome === "done") return change;
    if (isMine && change.outcome === "partial")
      throw new SkeinError(
        "file_conflict",
        `The operation was interrupted, and could not be finished: ${change.problem ?? "?"}`,
      );
    left -= 1;
    if (left === 0) break;
  }
  return undefined;
}

function throwFirst(results: readonly EditResult[]): void {
  const failed = results.find(({ error }) => error !== undefined);
  if (failed === undefined) return;
  if (failed.error instanceof SkeinError) throw failed.error;
  throw new SkeinError("tool_error", problemOf(results), { cause: failed.error });
}
