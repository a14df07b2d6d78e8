/** What a file was at one time. */
export interface FileState {
  /** Of its content, 64 lower-case hex digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Permission bits, 0 to 0o777. */
  readonly mode: number;
  readonly isBinary: boolean;
  /** False: it was too large to be kept, and only its hash is known. */
  readonly isKept: boolean;
}

/** What happened to one file; `null` stands for no file. */
export interface FileEdit {
  /** Below the workspace's root, with `/` between the names. */
  readonly path: string;
  readonly before: FileState | null;
  readonly after: FileState | null;
  /** The path that its content came from. */
  readonly movedFrom?: string;
}

export const FILE_ACTIONS = ["write", "edit", "delete", "move", "track", "rollback"] as const;

/** `track` is whatever a tool of somebody else did. */
export type FileAction = (typeof FILE_ACTIONS)[number];

/** How a change ended:
 *  `done`         as it was meant
 *  `failed`       nothing was changed
 *  `partial`      some of it; its edits say what
 *  `interrupted`  its process died; its edits say what had been changed by then */
export type FileOutcome = "done" | "failed" | "partial" | "interrupted";

/** The intent to change files, in the log before a file is touched. */
export interface FileBegin {
  readonly phase: "begin";
  readonly changeId: string;
  /** Whose files: the paths of one workspace mean nothing in another. */
  readonly workspace: string;
  /** What the changes that belong together have in common: a tool call, as a rule. */
  readonly operationId: string;
  readonly action: FileAction;
  /** Tells what was asked for from all else that the operation asks for, so that each is done once. */
  readonly request?: string;
  /** As planned. Empty when that is not known before. */
  readonly edits: readonly FileEdit[];
  /** Folders that are made for it, the outer ones first. */
  readonly folders?: readonly string[];
  /** Of what is not known before: the blob that lists every file as it was. */
  readonly manifest?: string;
  readonly runId?: string;
  readonly callId?: string;
  readonly stepId?: string;
  /** Changes that a rollback takes back. */
  readonly undoes?: readonly string[];
}

/** How the change of a `begin` ended. */
export interface FileEnd {
  readonly phase: "end";
  readonly changeId: string;
  readonly outcome: FileOutcome;
  /** Instead of those of the beginning. */
  readonly edits?: readonly FileEdit[];
  readonly folders?: readonly string[];
  readonly undoes?: readonly string[];
  /** What went wrong, for people. */
  readonly problem?: string;
}

/** What a workspace writes into the log. */
export type NewFileRecord = FileBegin | FileEnd;

/** The same as it stands there. */
export type FileRecord = NewFileRecord & {
  /** Version of the file record before it, 0 for none: so that they are found whatever is between them. */
  readonly previous: number;
  /** Of a beginning: the turn that it belongs to. */
  readonly turnId?: string;
};

/** What a thread's head knows of its file records. */
export interface FileTrack {
  /** Version of the newest one. */
  readonly last: number;
  /** Changes that have begun and not ended, with the version and the action. */
  readonly open: Readonly<
    Record<string, { readonly version: number; readonly action: FileAction }>
  >;
}

/** Hashes of the blobs that a record refers to. */
export function blobsOfRecord(record: NewFileRecord): readonly string[] {
  const states = (record.edits ?? []).flatMap(({ before, after }) => [before, after]);
  const manifest = record.phase === "begin" && record.manifest ? [record.manifest] : [];
  const kept = states.flatMap((state) => (state?.isKept === true ? [state.sha256] : []));
  return [...new Set([...kept, ...manifest])];
}

/** Stands for a message's id where blobs are counted: no message is called so. */
export function fileReference(version: number): string {
  return `@${version}`;
}

export function isSameState(a: FileState | null, b: FileState | null): boolean {
  if (a === null || b === null) return a === b;
  return a.sha256 === b.sha256 && a.mode === b.mode && a.sizeBytes === b.sizeBytes;
}
