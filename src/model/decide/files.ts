import { checkId, checkLine } from "../check.ts";
import { SkeinError } from "../error.ts";
import { FILE_ACTIONS } from "../file-change.ts";
import type { FileBegin, FileEdit, FileState, NewFileRecord } from "../file-change.ts";
import { LIMITS } from "../limits.ts";
import { own } from "../own.ts";
import type { Run } from "../run.ts";
import { MAIN } from "../thread.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";

/** Notes the beginning or the end of a change of files, each once: repeated, it changes nothing. */
export function recordFiles(draft: Draft, record: NewFileRecord, run?: Run): void {
  checkId(record.changeId, "change_id");
  checkEdits(record);
  const { profile, branches } = draft.head;
  const { last: previous = 0, open = {} } = profile.files ?? {};
  const begun = own(open, record.changeId);
  if (record.phase === "end") {
    if (begun === undefined) return;
    const op = begun.action === "rollback" ? "file.rollback" : "file.change";
    return emit(draft, op, { ...record, previous });
  }
  if (begun !== undefined) return;
  checkBegin(record);
  if (Object.keys(open).length >= LIMITS.openFileChanges)
    throw over("open changes of files", LIMITS.openFileChanges);
  const turnId = run?.turnId ?? own(branches, run?.branch ?? MAIN)?.turnId;
  emit(draft, record.action === "rollback" ? "file.rollback" : "file.change", {
    ...record,
    ...(run !== undefined && { runId: run.id }),
    ...(turnId != null && { turnId }),
    previous,
  });
}

function checkBegin({
  workspace,
  operationId,
  action,
  request,
  manifest,
  callId,
}: FileBegin): void {
  checkId(workspace, "workspace");
  checkLine(operationId, "operation_id", LIMITS.operationIdCharacters);
  if (request !== undefined) checkId(request, "request");
  if (callId !== undefined) checkLine(callId, "call_id", LIMITS.operationIdCharacters);
  if (!FILE_ACTIONS.includes(action)) throw invalid("action", `one of ${FILE_ACTIONS.join(", ")}`);
  if (manifest !== undefined) checkHash(manifest);
}

function checkEdits({ edits = [], folders = [], undoes = [], ...record }: NewFileRecord): void {
  if (edits.length > LIMITS.editsPerFileChange)
    throw over("edits of one change", LIMITS.editsPerFileChange);
  if (folders.length > LIMITS.foldersPerFileChange)
    throw over("folders of one change", LIMITS.foldersPerFileChange);
  if (undoes.length > LIMITS.undoesPerRollback)
    throw over("changes of one rollback", LIMITS.undoesPerRollback);
  if ("problem" in record && record.problem !== undefined)
    checkLine(record.problem, "problem", 1_000);
  for (const path of folders) checkPath(path);
  for (const edit of edits) checkEdit(edit);
}

function checkEdit({ path, before, after, movedFrom }: FileEdit): void {
  checkPath(path);
  if (movedFrom !== undefined) checkPath(movedFrom);
  for (const state of [before, after]) if (state !== null) checkState(state);
}

function checkState({ sha256, sizeBytes, mode }: FileState): void {
  checkHash(sha256);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw invalid("size_bytes", "0 or more");
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) throw invalid("mode", "0 to 0o777");
}

function checkHash(sha256: string): void {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalid("sha256", "64 lower-case hex digits");
}

function checkPath(path: string): void {
  checkLine(path, "path", LIMITS.pathCharacters);
  const names = path.split("/");
  if (names.some((name) => name === "" || name === "." || name === ".."))
    throw invalid("path", "names with / between them, none of them . or ..");
}

function invalid(field: string, expected: string): SkeinError {
  return new SkeinError("invalid_request", `${field} must be ${expected}.`, { field });
}

function over(what: string, limit: number): SkeinError {
  return new SkeinError("limit_exceeded", `There are at most ${limit} ${what}.`, {
    field: "files",
    details: { limit },
  });
}
