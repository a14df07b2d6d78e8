/** The value below which the share `q` of the sorted sample lies. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[index] ?? Number.NaN;
}

export function median(sample: readonly number[]): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? high)) / 2;
}

export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly rounds: number;
}

export function spreadOf(sample: readonly number[]): Spread {
  return {
    median: median(sample),
    p10: quantile(sample, 0.1),
    p90: quantile(sample, 0.9),
    rounds: sample.length,
  };
}

/** `a[i] / b[i]` for every round. */
export function ratios(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, round) => value / (b[round] ?? Number.NaN));
}
