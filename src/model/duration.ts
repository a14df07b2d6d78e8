/** Milliseconds, or a number with its unit: `500ms`, `90s`, `30m`, `12h`, `7d`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;
