import type { CopyProgress } from "../store/copy/copy-report.ts";
import { count } from "./format/figures.ts";
import type { Output } from "./output.ts";

const LINE_EVERY = 1_000;
const REDRAW_MS = 100;

const VERBS: Readonly<Record<CopyProgress["phase"], string>> = {
  copy: "Copying",
  purge: "Purging",
  verify: "Comparing",
};

export interface Progress {
  readonly show: (progress: CopyProgress) => void;
  /** Makes room for what is printed next. */
  readonly end: () => void;
}

/** On a terminal a line that is drawn again, elsewhere one per thousand threads; on stderr. */
export function createProgress(output: Output): Progress {
  const { stderr } = process;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    show(progress) {
      if (!stderr.isTTY) {
        if (progress.threads % LINE_EVERY === 0) output.note(lineOf(progress));
        return;
      }
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      stderr.write(`\r${lineOf(progress)}\u001b[K`);
    },
    end() {
      if (stderr.isTTY) stderr.write("\r\u001b[K");
    },
  };
}

function lineOf({ phase, threads, entries, blobs }: CopyProgress): string {
  return `${VERBS[phase]}: ${count(threads, "thread")}, ${count(entries, "entry")}, ${count(blobs, "file")}`;
}
