import { randomUUID } from "node:crypto";
import type { FileBegin, FileOutcome } from "../model/file-change.ts";
import { endTracking } from "./end-tracking.ts";
import { stateOf } from "./file-state.ts";
import { locate } from "./locate.ts";
import type { Recorder } from "./recorder.ts";
import { recoverChanges } from "./recover.ts";
import { encodeSnapshot, snapshotOf } from "./snapshot.ts";
import type { Room } from "./workspace-room.ts";

/** Lets somebody else's code change files below `paths`, and notes what it changed, whether it returns or throws. */
export async function trackWork<T>(
  room: Room,
  recorder: Recorder,
  paths: readonly string[],
  work: () => Promise<T> | T,
): Promise<T> {
  const changeId = `fc_${randomUUID()}`;
  const hide = await room.lock.show(changeId);
  try {
    await room.lock.run(async () => {
      await recoverChanges(room, recorder);
      await recorder.record(await beginning(room, recorder, paths, changeId));
    });
    let outcome: FileOutcome = "interrupted";
    try {
      const result = await work();
      outcome = "done";
      return result;
    } finally {
      await room.lock.run(async () => {
        for await (const change of recorder.changes({ isOpen: true }))
          if (change.changeId === changeId) await endTracking(room, recorder, change, outcome);
      });
    }
  } finally {
    await hide();
  }
}

async function beginning(
  room: Room,
  recorder: Recorder,
  paths: readonly string[],
  changeId: string,
): Promise<FileBegin> {
  const located = await Promise.all(
    paths.map(async (path) => (path === "." ? "" : (await locate(room.jail, path)).path)),
  );
  const snapshot = await snapshotOf(room, located, (state, bytes) => recorder.save(state, bytes));
  const bytes = encodeSnapshot(snapshot);
  const manifest = stateOf(bytes, 0);
  await recorder.save(manifest, bytes);
  return {
    phase: "begin",
    changeId,
    workspace: room.workspace,
    operationId: recorder.operationId,
    action: "track",
    edits: [],
    manifest: manifest.sha256,
    ...(recorder.callId !== undefined && { callId: recorder.callId }),
  };
}
