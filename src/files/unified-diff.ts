import type { FileEdit, FileState } from "../model/file-change.ts";

const MOST_TEXT_BYTES = 1_048_576; // beyond that nobody reads a diff, and making one takes seconds

/** The difference that an edit made, as `git diff` shows it. Binary, large and unkept files are only named.
 *  @param load  the content of a state that is kept */
export async function unifiedDiff(
  { path, before, after, movedFrom }: FileEdit,
  load: (state: FileState) => Promise<Uint8Array>,
): Promise<string> {
  const old = movedFrom ?? path;
  const from = before === null ? "/dev/null" : `a/${old}`;
  const to = after === null ? "/dev/null" : `b/${path}`;
  const head = [`diff --git a/${old} b/${path}`, ...headOf(before, after)];
  if (movedFrom !== undefined) head.push(`rename from ${movedFrom}`, `rename to ${path}`);
  if (before?.sha256 === after?.sha256) return `${head.join("\n")}\n`;
  const states = [before, after].filter((state) => state !== null);
  const isShown = states.every(
    ({ isBinary, isKept, sizeBytes }) => isKept && !isBinary && sizeBytes <= MOST_TEXT_BYTES,
  );
  if (!isShown) return `${head.join("\n")}\nBinary files ${from} and ${to} differ\n`;
  const textOf = async (state: FileState | null): Promise<string> =>
    state === null ? "" : Buffer.from(await load(state)).toString("utf8");
  return `${head.join("\n")}\n${await patchOf(from, to, await textOf(before), await textOf(after))}`;
}

/** The patch between two texts, without a heading. */
export async function patchOf(
  from: string,
  to: string,
  before: string,
  after: string,
): Promise<string> {
  // Loaded when it is needed: most programs never show a diff.
  const { createTwoFilesPatch } = await import("diff");
  const patch = createTwoFilesPatch(from, to, before, after, undefined, undefined, { context: 3 });
  return patch.replace(/^=+\n/u, "");
}

function headOf(before: FileState | null, after: FileState | null): readonly string[] {
  if (before === null && after !== null) return [`new file mode ${modeOf(after)}`];
  if (before !== null && after === null) return [`deleted file mode ${modeOf(before)}`];
  if (before === null || after === null || before.mode === after.mode) return [];
  return [`old mode ${modeOf(before)}`, `new mode ${modeOf(after)}`];
}

function modeOf({ mode }: FileState): string {
  return `100${mode.toString(8).padStart(3, "0")}`;
}
