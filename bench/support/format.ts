import { verdictOf } from "./row.ts";
import type { Row, Unit } from "./row.ts";

/** `12,345` from 100 on, three significant digits below. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

export function milliseconds(value: number): string {
  return `${figure(value)} ms`;
}

const WRITERS: Readonly<Record<Unit, (value: number) => string>> = {
  "%": (value) => `${(value * 100).toFixed(1)} %`,
  "×": (value) => `${value.toFixed(2)}×`,
  ms: milliseconds,
  MiB: (value) => `${value.toFixed(2)} MiB`,
  "rows/s": (value) => `${figure(value)} rows/s`,
  count: figure,
};

const WIDTHS = [62, 14, 30, 7] as const;

export const HEADING: string = line(["what", "bar", "measured (p10–p90)", "verdict", "reference"]);

export function formatRow(row: Row): string {
  const { bar, measured, unit, what, reference } = row;
  const write = WRITERS[unit];
  const spread = measured.rounds === 1 ? "" : ` (${write(measured.p10)} – ${write(measured.p90)})`;
  const limit = bar === undefined ? "" : `${bar.is === "least" ? "≥" : "≤"} ${write(bar.value)}`;
  return line([what, limit, write(measured.median) + spread, verdictOf(row), reference]);
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join("  ")
    .trimEnd();
}
