import { z } from "zod";
import type { FileChangeQuery } from "../../../engine/file-calls.ts";
import type { RollbackScope } from "../../../files/select-changes.ts";
import { unifiedDiff } from "../../../files/unified-diff.ts";
import { SkeinError } from "../../../model/error.ts";
import type { FileEdit, FileState } from "../../../model/file-change.ts";
import {
  fileChangesQuery,
  rollbackBody,
  wireFileChange,
  wireRollback,
} from "../../../protocol/file.ts";
import type { FileChangesQuery, RollbackBody } from "../../../protocol/file.ts";
import { fileChangeToWire, rollbackToWire } from "../file-to-wire.ts";
import { json, nextLink } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

export const fileRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/files/changes",
    id: "listFileChanges",
    tag: "files",
    summary: "What tools changed in files, newest first",
    status: 200,
    answer: z.array(wireFileChange),
    errors: ["invalid_cursor"],
    query: fileChangesQuery,
    body: null,
    handle: async ({ skein, params, query, reading, request }) => {
      const page = await skein.fileChanges(params.thread_id, changeQuery(query), reading);
      return json(page.items.map(fileChangeToWire), 200, nextLink(request.url, page.nextCursor));
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/files/diff",
    id: "diffFileChanges",
    tag: "files",
    summary: "The same changes as unified diffs, oldest first; as many as the list has on a page",
    status: 200,
    mediaTypes: ["text/plain"],
    errors: ["invalid_cursor"],
    query: fileChangesQuery,
    body: null,
    handle: async ({ skein, params, query, reading, request }) => {
      const page = await skein.fileChanges(params.thread_id, changeQuery(query), reading);
      const load = async ({ sha256 }: FileState): Promise<Uint8Array> =>
        (await skein.getBlob(sha256, reading)).bytes;
      const edits: readonly FileEdit[] = page.items.toReversed().flatMap((change) => change.edits);
      const patches: string[] = [];
      for (const edit of edits) patches.push(await unifiedDiff(edit, load));
      return {
        status: 200,
        headers: {
          "content-type": "text/plain; charset=utf-8",
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
          ...nextLink(request.url, page.nextCursor),
        },
        body: patches.join(""),
      };
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/files/rollback",
    id: "rollBackFiles",
    tag: "files",
    summary: "Takes changes of files back, in the workspace of the server",
    status: 200,
    answer: wireRollback,
    errors: ["change_not_found", "file_conflict", "unsupported_capability"],
    query: z.strictObject({}),
    body: rollbackBody,
    handle: async ({ services, params, body, reading }) => {
      const { workspace } = services;
      if (workspace === undefined)
        throw new SkeinError(
          "unsupported_capability",
          "This server has no workspace. Start it with SKEIN_WORKSPACE.",
        );
      const by = {
        threadId: params.thread_id,
        ...(reading.userId !== undefined && { userId: reading.userId }),
      };
      const { dry_run: dryRun = false, force = false } = body;
      const result = await workspace.rollback(scopeOf(body), { dryRun, force, by });
      return json(rollbackToWire(result));
    },
  }),
];

function changeQuery({
  run_id,
  turn_id,
  operation_id,
  change_id,
  ...query
}: FileChangesQuery): FileChangeQuery {
  return {
    ...query,
    ...(run_id !== undefined && { runId: run_id }),
    ...(turn_id !== undefined && { turnId: turn_id }),
    ...(operation_id !== undefined && { operationId: operation_id }),
    ...(change_id !== undefined && { changeId: change_id }),
  };
}

function scopeOf(body: RollbackBody): RollbackScope {
  const { operation_id, run_id, turn_id, change_ids, to_version } = body;
  const scopes: readonly RollbackScope[] = [
    ...(operation_id === undefined ? [] : [{ operationId: operation_id }]),
    ...(run_id === undefined ? [] : [{ runId: run_id }]),
    ...(turn_id === undefined ? [] : [{ turnId: turn_id }]),
    ...(change_ids === undefined ? [] : [{ changeIds: change_ids }]),
    ...(to_version === undefined ? [] : [{ toVersion: to_version }]),
  ];
  const [scope] = scopes;
  if (scope === undefined || scopes.length > 1)
    throw new SkeinError(
      "invalid_request",
      "Give one of operation_id, run_id, turn_id, change_ids and to_version.",
      { field: "operation_id" },
    );
  return scope;
}
