import type { FileState } from "../model/file-change.ts";
import type { SeenFile } from "./file-state.ts";
import type { RollbackStep } from "./plan-rollback.ts";
import type { Recorder } from "./recorder.ts";
import { patchOf } from "./unified-diff.ts";

const MOST_BYTES = 262_144;

/** A file that somebody changed since: what the changes had left, what the rollback wants, and what is there. */
export interface ThreeWay {
  readonly base: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
  /** From what the changes had left to what is there: what a forced rollback would undo beside the changes. `null` where a
   *  side is binary or larger than 256 KiB; its text is `null`, too. */
  readonly diff: string | null;
}

/** The three sides of a conflict as texts; `null` also stands for a file that is not there. */
export async function threeWay(
  recorder: Pick<Recorder, "load">,
  { path, left, target }: RollbackStep,
  now: SeenFile | null,
): Promise<ThreeWay> {
  const textOf = async (state: FileState | null): Promise<string | null> =>
    isShown(state) ? Buffer.from(await recorder.load(state)).toString("utf8") : null;
  const theirs = now !== null && isShown(now.state) ? (now.bytes?.toString("utf8") ?? null) : null;
  const base = await textOf(left);
  const isWhole = (left === null || base !== null) && (now === null || theirs !== null);
  const diff = isWhole ? await patchOf(`a/${path}`, `b/${path}`, base ?? "", theirs ?? "") : null;
  return { base, ours: await textOf(target), theirs, diff };
}

function isShown(state: FileState | null): state is FileState {
  return state !== null && state.isKept && !state.isBinary && state.sizeBytes <= MOST_BYTES;
}
