import { figure } from "../support/format.ts";
import type { Cell } from "./measure.ts";

export interface Result {
  readonly name: string;
  readonly survives: string;
  readonly cells: readonly Cell[];
  readonly list: number | null;
  /** Why the whole contestant is missing. */
  readonly reason?: string;
}

/** Markdown: a table for each thing measured, a row for each contestant, a column for each length. */
export function tablesOf(results: readonly Result[], lengths: readonly number[]): string {
  const columns = lengths.map((length) => length.toLocaleString("en-US"));
  const perLength = (title: string, pick: (cell: Cell) => string): string =>
    [
      `### ${title}`,
      "",
      row(["", ...columns]),
      row(["", ...columns].map((_, index) => (index === 0 ? "---" : "---:"))),
      ...results.map(({ name, cells }) =>
        row([
          name,
          ...lengths.map((length) => {
            const cell = cells.find((one) => one.length === length);
            return cell === undefined ? "–" : pick(cell);
          }),
        ]),
      ),
    ].join("\n");
  return [
    perLength("The next turn, by messages in the thread: ms, p50 (p99)", ({ turn, reason }) =>
      turn === null ? "–" : `${figure(turn.p50)} (${figure(turn.p99)})${reason ? " ¹" : ""}`,
    ),
    perLength("The newest 50 messages: ms, p50", ({ open }) =>
      open === null ? "–" : figure(open),
    ),
    perLength("Bytes per message, grown turn by turn", ({ bytesPerMessage }) =>
      bytesPerMessage === null ? "– ¹" : figure(bytesPerMessage),
    ),
    listTable(results),
    notes(results),
  ].join("\n\n");
}

function listTable(results: readonly Result[]): string {
  return [
    "### The 20 newest threads of one of ten users, of 1,000 threads; and what an acknowledged turn survives",
    "",
    row(["", "ms, p50", "survives"]),
    row(["---", "---:", "---"]),
    ...results.map(({ name, survives, list }) =>
      row([name, list === null ? "no such list" : figure(list), survives]),
    ),
  ].join("\n");
}

function notes(results: readonly Result[]): string {
  const missing = results.flatMap(({ name, reason }) => (reason ? [`- ${name}: ${reason}`] : []));
  const brought = results.flatMap(({ name, cells }) =>
    cells.flatMap(({ length, reason }) =>
      reason ? [`- ${name}, ${length.toLocaleString("en-US")} messages: ${reason}`] : [],
    ),
  );
  return [
    "¹ Too slow to be grown turn by turn; brought in as few steps as possible, and then timed:",
    "",
    ...brought,
    ...missing,
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
