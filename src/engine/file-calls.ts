import type { FileBegin, FileOutcome, NewFileRecord } from "../model/file-change.ts";
import type { CallOptions, Page, WriteOptions } from "./call.ts";

/** A change of files, as the log has it. */
export interface FileChange extends Omit<FileBegin, "phase"> {
  /** The version of its beginning. */
  readonly version: number;
  readonly turnId?: string;
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `open`: it has not ended, or its process died and nobody has looked since. */
  readonly outcome: FileOutcome | "open";
  readonly problem?: string;
}

export interface FileChangeQuery {
  readonly runId?: string;
  readonly turnId?: string;
  readonly operationId?: string;
  readonly changeId?: string;
  /** Only changes of this file, or that moved it. */
  readonly path?: string;
  /** Only changes that have not ended. */
  readonly isOpen?: boolean;
  /** Only changes that began after this version. */
  readonly after?: number;
  /** 1 to 200, default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** What is known of files that tools changed. */
export interface FileCalls {
  /** Changes of files, newest first. Costs a read per 32 versions of the log that have some, whatever else the log has; a trim
   *  lets go of them with the log. */
  fileChanges(
    threadId: string,
    query?: FileChangeQuery,
    options?: CallOptions,
  ): Promise<Page<FileChange>>;
  /** Notes that files begin to be changed, or how that ended. For workspaces: nothing is done to a file. The caller must be able
   *  to read every blob that it names. Repeated, it does nothing. */
  recordFiles(threadId: string, record: NewFileRecord, options?: WriteOptions): Promise<void>;
}
