import type { Tool } from "../agents/agent.ts";
import type { FileChange, FileChangeQuery } from "../engine/file-calls.ts";
import { SkeinError } from "../model/error.ts";
import {
  deleteFile,
  editFile,
  listFiles,
  moveFile,
  readFile,
  writeFile,
} from "./file-operations.ts";
import { recorderFor } from "./recorder.ts";
import type { Recorder, WorkspaceCaller } from "./recorder.ts";
import { recoverChanges } from "./recover.ts";
import type { Recovered } from "./recover.ts";
import { rollBack } from "./roll-back.ts";
import type { Rollback, RollbackOptions } from "./roll-back.ts";
import type { RollbackScope } from "./select-changes.ts";
import { trackWork } from "./track.ts";
import { unifiedDiff } from "./unified-diff.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";
import { openRoom } from "./workspace-room.ts";
import type { FileEngine, Room, WorkspaceOptions } from "./workspace-room.ts";
import { workspaceTools } from "./workspace-tools.ts";

/** A folder in which every change by tools is noted in the thread that it belongs to, with what each file was and became, and
 *  can be taken back. Paths are relative, separated by `/`, and never lead out of it. Changes are made one at a time, also by
 *  several processes on one machine; a file is replaced at once or not at all. */
export interface TrackedWorkspace extends WorkspaceFiles, AsyncDisposable {
  /** For agents: `read`, `list`, `write`, `edit`, `delete`, `move`. */
  readonly tools: readonly Tool[];

  /** The tool, tracked. */
  tracking(paths: readonly string[], tool: Tool): Tool;

  /** Changes of this workspace's thread, newest first. */
  changes(query?: FileChangeQuery, by?: WorkspaceCaller): AsyncIterable<FileChange>;
  /** What a change did, as a unified diff. */
  diff(change: Pick<FileChange, "edits">, by?: WorkspaceCaller): Promise<string>;
  /** Takes changes back, newest first. Every file must be as they left it: otherwise nothing is touched, and the answer shows
   *  what differs, unless `force`. Is noted as a change of its own, so that it can be taken back, too.
   *  @throws SkeinError  `change_not_found` when there is nothing to take back; `file_conflict` while a change is under way */
  rollback(
    scope: RollbackScope,
    options?: RollbackOptions & { readonly by?: WorkspaceCaller },
  ): Promise<Rollback>;
  /** Finishes the thread's changes that a process did not get to finish because it died. Every change and rollback does so
   *  first; this is for when there is none. */
  recover(by?: WorkspaceCaller): Promise<readonly Recovered[]>;
  /** Says where changes are noted from now on. */
  connect(skein: FileEngine): void;
  /** Lets go of the lock's file. */
  close(): Promise<void>;
}

/** A tracked workspace. Looks at its folder at the first use, where it keeps `.skein/` for itself. */
export function trackedWorkspace(options: WorkspaceOptions): TrackedWorkspace {
  const { threadId } = options;
  let { skein } = options;
  let opening: Promise<Room> | undefined;
  const opened = (): Promise<Room> => (opening ??= openRoom(options));
  const engine = (): FileEngine => {
    const found = typeof skein === "function" ? skein() : skein;
    if (found === undefined)
      throw new SkeinError("invalid_request", "The workspace is not connected to a Skein.", {
        field: "skein",
      });
    return found;
  };
  const recorder = (by: WorkspaceCaller = {}): Recorder => recorderFor(engine(), by, threadId);
  const files = {
    read: async (path) => readFile(await opened(), path),
    list: async (path, listing) => listFiles(await opened(), path, listing?.recursive ?? false),
    write: async (input, by) => writeFile(await opened(), recorder(by), input),
    edit: async (input, by) => editFile(await opened(), recorder(by), input),
    delete: async (path, by) => deleteFile(await opened(), recorder(by), path),
    move: async (input, by) => moveFile(await opened(), recorder(by), input),
    track: async (paths, work, by) => trackWork(await opened(), recorder(by), paths, work),
  } satisfies WorkspaceFiles;
  const close = async (): Promise<void> => {
    if (opening !== undefined) await (await opening).lock.close();
  };
  return {
    ...files,
    tools: workspaceTools(files, options.limits?.readBytes ?? READ_BYTES),
    tracking: (paths, tool) => tracked(files, paths, tool),
    changes: (query, by) => recorder(by).changes(query ?? {}),
    diff: async ({ edits }, by) => {
      const from = recorder(by);
      const patches = await Promise.all(
        edits.map((edit) => unifiedDiff(edit, (state) => from.load(state))),
      );
      return patches.join("");
    },
    rollback: async (scope, { by, ...how } = {}) => {
      const room = await opened();
      return room.lock.run(() => rollBack(room, recorder(by), scope, how));
    },
    recover: async (by) => {
      const room = await opened();
      return room.lock.run(() => recoverChanges(room, recorder(by)));
    },
    connect: (to) => {
      skein = to;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const READ_BYTES = 262_144;

function tracked(
  { track }: Pick<WorkspaceFiles, "track">,
  paths: readonly string[],
  tool: Tool,
): Tool {
  if (tool.execute === undefined)
    throw new SkeinError("invalid_request", `${tool.name} is carried out by its caller.`);
  return {
    ...tool,
    execute: (input, context) =>
      track(paths, () => tool.execute?.(input, context) ?? null, context),
  };
}
