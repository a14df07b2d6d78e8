import type { FileChange } from "../engine/file-calls.ts";
import type { FileOutcome } from "../model/file-change.ts";
import { LIMITS } from "../model/limits.ts";
import type { Recorder } from "./recorder.ts";
import { decodeSnapshot, differences, snapshotOf } from "./snapshot.ts";
import type { Room } from "./workspace-room.ts";

/** Notes what differs from the beginning; in several records when it is much. */
export async function endTracking(
  room: Room,
  recorder: Recorder,
  change: FileChange,
  outcome: FileOutcome,
): Promise<void> {
  const { changeId, manifest = "", operationId, callId } = change;
  const before = decodeSnapshot(await recorder.load({ sha256: manifest }));
  const kept = new Set([...before.files.values()].map(({ sha256 }) => sha256));
  const after = await snapshotOf(room, before.paths, async (state, bytes) => {
    if (!kept.has(state.sha256)) await recorder.save(state, bytes);
  });
  const edits = differences(before, after);
  const made = after.folders.filter((folder) => !before.folders.includes(folder));
  const folders = made.slice(0, LIMITS.foldersPerFileChange);
  const most = LIMITS.editsPerFileChange;
  const common = { workspace: room.workspace, operationId, action: "track" } as const;
  for (let at = most; at < edits.length; at += most) {
    const part = `${changeId}.${at / most}`;
    await recorder.record({
      phase: "begin",
      changeId: part,
      ...common,
      ...(callId !== undefined && { callId }),
      edits: edits.slice(at, at + most),
      manifest,
    });
    await recorder.record({ phase: "end", changeId: part, outcome });
  }
  await recorder.record({
    phase: "end",
    changeId,
    outcome,
    edits: edits.slice(0, most),
    ...(folders.length > 0 && { folders }),
  });
}
