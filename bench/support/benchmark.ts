import { basename } from "node:path";
import { parseArgs } from "node:util";
import { HEADING, formatRow } from "./format.ts";
import { verdictOf } from "./row.ts";
import type { Row } from "./row.ts";

export interface BenchmarkOptions {
  /** How many rounds count. */
  readonly rounds: number;
}

export type Benchmark = (options: BenchmarkOptions) => AsyncIterable<Row>;

const DEFAULT_ROUNDS = 15;

export const OPTIONS = {
  rounds: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

function roundsOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_ROUNDS;
  const rounds = Number(given);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError(`--rounds must be a whole number of 1 or more, not ${given}.`);
  return rounds;
}

/** Runs a benchmark from the command line: rows as they come, or one JSON object per line with `--json`. */
export async function report(path: string, benchmark: Benchmark): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const name = basename(path, ".ts");
  if (!values.json) console.log(HEADING);
  for await (const row of benchmark({ rounds: roundsOf(values.rounds) }))
    console.log(
      values.json ? JSON.stringify({ name, ...row, verdict: verdictOf(row) }) : formatRow(row),
    );
}
