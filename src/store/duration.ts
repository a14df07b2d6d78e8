const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds in a number with its unit, as in `500ms`, `90s`, `30m`, `1.5h`, `7d`; not a number for anything else. */
export function millisecondsIn(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/u.exec(text) ?? [];
  return number === "" ? Number.NaN : Number(number) * (UNITS_MS[unit] ?? Number.NaN);
}
