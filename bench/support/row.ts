import type { Spread } from "./statistics.ts";

/** What a row must hold: at least, or at most, this much. */
export interface Bar {
  readonly is: "least" | "most";
  readonly value: number;
}

export type Unit = "%" | "×" | "ms" | "MiB" | "rows/s" | "count";

/** One line of the table. */
export interface Row {
  readonly what: string;
  /** Absent: printed for information. */
  readonly bar?: Bar;
  readonly unit: Unit;
  readonly measured: Spread;
  /** The absolute figures behind the ratio. */
  readonly reference: string;
}

export type Verdict = "PASS" | "FAIL" | "info";

export function verdictOf({ bar, measured }: Row): Verdict {
  if (bar === undefined) return "info";
  const holds = bar.is === "least" ? measured.median >= bar.value : measured.median <= bar.value;
  return holds ? "PASS" : "FAIL";
}

export function atLeast(value: number): Bar {
  return { is: "least", value };
}

export function atMost(value: number): Bar {
  return { is: "most", value };
}

/** A figure that was taken once. */
export function single(value: number): Spread {
  return { median: value, p10: value, p90: value, rounds: 1 };
}
