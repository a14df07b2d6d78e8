import type { FileChange } from "../engine/file-calls.ts";
import { carryOut, noteEnd } from "./carry-out.ts";
import type { Recorder } from "./recorder.ts";
import { endTracking } from "./end-tracking.ts";
import type { Room } from "./workspace-room.ts";

/** A change whose process died, and what became of it. */
export interface Recovered {
  readonly changeId: string;
  readonly operationId: string;
  /** `done`: finished now, or it had been. Otherwise a file is neither as it was before nor as it was meant, and stays. */
  readonly outcome: "done" | "partial" | "failed" | "interrupted";
}

/** Finishes the workspace's changes of a thread that were begun by processes that died. The lock must be held: then none of
 *  those that are open is under way, but for what tools of others do. */
export async function recoverChanges(
  room: Room,
  recorder: Recorder,
): Promise<readonly Recovered[]> {
  const recovered: Recovered[] = [];
  const open: FileChange[] = [];
  for await (const change of recorder.changes({ isOpen: true })) open.push(change);
  for (const change of open.toReversed()) {
    if (change.workspace !== room.workspace) continue;
    const { changeId, operationId } = change;
    if (change.action === "track") {
      if (await room.lock.isShown(changeId)) continue;
      await endTracking(room, recorder, change, "interrupted");
      await room.lock.forget(changeId);
      recovered.push({ changeId, operationId, outcome: "interrupted" });
      continue;
    }
    const results = await carryOut(room, recorder, change);
    const outcome = await noteEnd(room, recorder, change, results);
    recovered.push({ changeId, operationId, outcome });
  }
  return recovered;
}
