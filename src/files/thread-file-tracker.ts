import { SkeinError } from "../model/error.ts";
import type { TrackedWorkspace } from "./tracked-workspace.ts";

export interface FileModification {
  readonly path: string;
  readonly type: "create" | "modify" | "delete";
  /** Unless it is deleted. */
  readonly newContent?: string;
}

export interface FileChangeRecord {
  readonly path: string;
  readonly type: FileModification["type"];
  /** Hashes of blobs: `skein.getBlob` has the content. */
  readonly beforeSha256?: string;
  readonly afterSha256?: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly operationId: string;
}

/** A tracked workspace by the names of Amp's article on threads. */
export interface ThreadFileTracker {
  /** Carries the change out and records it: what was there is looked at before, and not after. */
  recordFileChange(threadId: string, operationId: string, change: FileModification): Promise<void>;
  /** Newest first. */
  changes(threadId: string): AsyncIterable<FileChangeRecord>;
  /** Brings the operation's files back, newest change first; all of them, or none.
   *  @throws SkeinError  `file_conflict` when somebody changed one since */
  rollbackOperation(threadId: string, operationId: string): Promise<void>;
}

export function threadFileTracker(workspace: TrackedWorkspace): ThreadFileTracker {
  return {
    async recordFileChange(threadId, operationId, { path, type, newContent: content = "" }) {
      const by = { threadId, operationId };
      if (type === "delete") await workspace.delete(path, by);
      else
        await workspace.write({ path, content, ...(type === "create" && { expected: null }) }, by);
    },
    async *changes(threadId) {
      for await (const { edits, at, operationId } of workspace.changes({}, { threadId }))
        for (const { path, before, after } of edits)
          yield {
            path,
            type: before === null ? "create" : after === null ? "delete" : "modify",
            ...(before !== null && { beforeSha256: before.sha256 }),
            ...(after !== null && { afterSha256: after.sha256 }),
            timestamp: at,
            operationId,
          };
    },
    async rollbackOperation(threadId, operationId) {
      const { isComplete, files } = await workspace.rollback({ operationId }, { by: { threadId } });
      if (isComplete) return;
      const paths = files.flatMap(({ path, action }) => (action === "conflict" ? [path] : []));
      throw new SkeinError("file_conflict", `Changed since: ${paths.join(", ")}.`, {
        details: { paths },
      });
    },
  };
}
