import { z } from "zod";
import type { FileAction, FileOutcome } from "../model/file-change.ts";
import { FILE_ACTIONS } from "../model/file-change.ts";
import { LIMITS } from "../model/limits.ts";
import { cursorParameter, limitParameter, versionParameter } from "./query.ts";
import { named, wireCount, wireId, wireTime, wireUser } from "./schema.ts";

export interface WireFileState {
  readonly sha256: string;
  readonly size_bytes: number;
  /** Octal permission bits: `644`. */
  readonly mode: string;
  readonly is_binary: boolean;
  /** Whether its content can be had, as a blob. */
  readonly is_kept: boolean;
}

export interface WireFileEdit {
  readonly path: string;
  /** `null`: there was no file. */
  readonly before: WireFileState | null;
  readonly after: WireFileState | null;
  readonly moved_from: string | null;
}

export interface WireFileChange {
  readonly id: string;
  /** Of the entry with which it began. */
  readonly version: number;
  readonly workspace: string;
  readonly operation_id: string;
  readonly action: FileAction;
  readonly outcome: FileOutcome | "open";
  readonly edits: readonly WireFileEdit[];
  readonly run_id: string | null;
  readonly turn_id: string | null;
  readonly step_id: string | null;
  readonly call_id: string | null;
  /** Changes that it took back. */
  readonly undoes: readonly string[];
  readonly problem: string | null;
  readonly actor: string;
  readonly created_at: string;
}

export interface WireRolledBack {
  readonly path: string;
  readonly action: "restore" | "unchanged" | "conflict" | "not-kept";
  readonly outcome: "planned" | "restored" | "unchanged" | "refused" | "failed";
  readonly now: WireFileState | null;
  readonly target: WireFileState | null;
  readonly change_ids: readonly string[];
  readonly reason: string | null;
  /** Of a conflict: what the changes had left, what the rollback wants, what is there. */
  readonly view: {
    readonly base: string | null;
    readonly ours: string | null;
    readonly theirs: string | null;
    readonly diff: string | null;
  } | null;
}

export interface WireRollback {
  /** Takes the rollback back; `null`: nothing was written. */
  readonly operation_id: string | null;
  readonly dry_run: boolean;
  readonly is_complete: boolean;
  readonly files: readonly WireRolledBack[];
}

const state: z.ZodType<WireFileState> = named(
  "FileState",
  z.object({
    sha256: z.string(),
    size_bytes: wireCount,
    mode: z.string(),
    is_binary: z.boolean(),
    is_kept: z.boolean(),
  }),
);

const text = z.string().nullable();

export const wireFileChange: z.ZodType<WireFileChange> = named(
  "FileChange",
  z.object({
    id: z.string(),
    version: wireCount,
    workspace: z.string(),
    operation_id: z.string(),
    action: z.enum(FILE_ACTIONS),
    outcome: z.enum(["open", "done", "failed", "partial", "interrupted"]),
    edits: z.array(
      z.object({
        path: z.string(),
        before: state.nullable(),
        after: state.nullable(),
        moved_from: text,
      }),
    ),
    run_id: text,
    turn_id: text,
    step_id: text,
    call_id: text,
    undoes: z.array(z.string()),
    problem: text,
    actor: z.string(),
    created_at: wireTime,
  }),
);

export const wireRollback: z.ZodType<WireRollback> = named(
  "Rollback",
  z.object({
    operation_id: text,
    dry_run: z.boolean(),
    is_complete: z.boolean(),
    files: z.array(
      z.object({
        path: z.string(),
        action: z.enum(["restore", "unchanged", "conflict", "not-kept"]),
        outcome: z.enum(["planned", "restored", "unchanged", "refused", "failed"]),
        now: state.nullable(),
        target: state.nullable(),
        change_ids: z.array(z.string()),
        reason: text,
        view: z.object({ base: text, ours: text, theirs: text, diff: text }).nullable(),
      }),
    ),
  }),
);

const operation = z.string().min(1).max(LIMITS.operationIdCharacters);

const filters = {
  run_id: wireId.exactOptional(),
  turn_id: wireId.exactOptional(),
  operation_id: operation.exactOptional(),
  change_id: wireId.exactOptional(),
  path: z.string().min(1).max(LIMITS.pathCharacters).exactOptional(),
  after: versionParameter.exactOptional(),
  limit: limitParameter.exactOptional(),
  cursor: cursorParameter.exactOptional(),
};

export interface FileChangesQuery {
  readonly run_id?: string;
  readonly turn_id?: string;
  readonly operation_id?: string;
  readonly change_id?: string;
  readonly path?: string;
  readonly after?: number;
  readonly limit?: number;
  readonly cursor?: string;
}

export const fileChangesQuery: z.ZodType<FileChangesQuery> = z.strictObject(filters);

export interface RollbackBody {
  readonly operation_id?: string;
  readonly run_id?: string;
  readonly turn_id?: string;
  readonly change_ids?: readonly string[];
  readonly to_version?: number;
  readonly dry_run?: boolean;
  readonly force?: boolean;
  readonly user_id?: string;
}

/** Exactly one of the first five. */
export const rollbackBody: z.ZodType<RollbackBody> = z.strictObject({
  operation_id: operation.exactOptional(),
  run_id: wireId.exactOptional(),
  turn_id: wireId.exactOptional(),
  change_ids: z.array(wireId).min(1).max(1_000).exactOptional(),
  to_version: z.int().min(0).exactOptional(),
  dry_run: z.boolean().exactOptional(),
  force: z.boolean().exactOptional(),
  user_id: wireUser.exactOptional(),
});
