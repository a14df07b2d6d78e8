import { printable } from "./format/printable.ts";
import type { Output } from "./output.ts";

const REDRAW_MS = 100;
const LINE_MS = 10_000;

export interface ProgressLine {
  readonly show: (line: string) => void;
  /** Makes room for what is printed next. */
  readonly end: () => void;
}

/** A line that is drawn again on a terminal, elsewhere one every ten seconds; on stderr. */
export function createProgressLine(output: Output): ProgressLine {
  const { stderr } = process;
  let shownAt = stderr.isTTY ? Number.NEGATIVE_INFINITY : performance.now();
  return {
    show(line) {
      const now = performance.now();
      if (now - shownAt < (stderr.isTTY ? REDRAW_MS : LINE_MS)) return;
      shownAt = now;
      if (stderr.isTTY) stderr.write(`\r${printable(line)}\u001b[K`);
      else output.note(printable(line));
    },
    end() {
      if (stderr.isTTY) stderr.write("\r\u001b[K");
    },
  };
}
