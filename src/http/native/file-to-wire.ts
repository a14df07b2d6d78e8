import type { FileChange } from "../../engine/file-calls.ts";
import type { Rollback } from "../../files/roll-back.ts";
import type { FileState } from "../../model/file-change.ts";
import type { WireFileChange, WireFileState, WireRollback } from "../../protocol/file.ts";
import { timeToWire } from "./figures-to-wire.ts";

export function fileChangeToWire(change: FileChange): WireFileChange {
  return {
    id: change.changeId,
    version: change.version,
    workspace: change.workspace,
    operation_id: change.operationId,
    action: change.action,
    outcome: change.outcome,
    edits: change.edits.map(({ path, before, after, movedFrom }) => ({
      path,
      before: stateToWire(before),
      after: stateToWire(after),
      moved_from: movedFrom ?? null,
    })),
    run_id: change.runId ?? null,
    turn_id: change.turnId ?? null,
    step_id: change.stepId ?? null,
    call_id: change.callId ?? null,
    undoes: change.undoes ?? [],
    problem: change.problem ?? null,
    actor: change.actor,
    created_at: timeToWire(change.at),
  };
}

export function rollbackToWire({
  operationId,
  isDryRun,
  isComplete,
  files,
}: Rollback): WireRollback {
  return {
    operation_id: operationId,
    dry_run: isDryRun,
    is_complete: isComplete,
    files: files.map((file) => ({
      path: file.path,
      action: file.action,
      outcome: file.outcome,
      now: stateToWire(file.now),
      target: stateToWire(file.target),
      change_ids: file.changeIds,
      reason: file.problem ?? file.reason ?? null,
      view: file.view ?? null,
    })),
  };
}

function stateToWire(state: FileState | null): WireFileState | null {
  if (state === null) return null;
  const { sha256, sizeBytes, mode, isBinary, isKept } = state;
  return {
    sha256,
    size_bytes: sizeBytes,
    mode: mode.toString(8).padStart(3, "0"),
    is_binary: isBinary,
    is_kept: isKept,
  };
}
