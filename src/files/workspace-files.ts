import type { Changed } from "./change-files.ts";
import type {
  EditInput,
  FileContent,
  ListedFile,
  MoveInput,
  WriteInput,
} from "./file-operations.ts";
import type { WorkspaceCaller } from "./recorder.ts";

/** What can be done with the files of a workspace. */
export interface WorkspaceFiles {
  read(path: string): Promise<FileContent>;
  list(
    path?: string,
    options?: { readonly recursive?: boolean },
  ): Promise<{ readonly files: readonly ListedFile[]; readonly isCut: boolean }>;
  write(input: WriteInput, by?: WorkspaceCaller): Promise<Changed>;
  edit(input: EditInput, by?: WorkspaceCaller): Promise<Changed>;
  delete(path: string, by?: WorkspaceCaller): Promise<Changed>;
  move(input: MoveInput, by?: WorkspaceCaller): Promise<Changed>;
  /** Runs somebody else's code, and notes what it changed below `paths` (`.`: anywhere), also when it throws. What others change
   *  there meanwhile is taken for its work. Reads and keeps every file there first. */
  track<T>(paths: readonly string[], work: () => Promise<T> | T, by?: WorkspaceCaller): Promise<T>;
}
