import type { Cost, Usage } from "../../model/usage.ts";

const NANO_PER_DOLLAR = 1_000_000_000;

/** `2026-11-20 18:33`, in the time zone of the machine. */
export function time(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `$0.0042`, `unpriced`, or `$0.0042 and 3 unpriced calls`. Never a guess. */
export function money(cost: Cost): string {
  const { nanoDollars, unpricedCalls } = cost;
  const dollars = `$${(nanoDollars / NANO_PER_DOLLAR).toFixed(nanoDollars < 1e7 ? 6 : 4)}`;
  if (unpricedCalls === 0) return dollars;
  const calls = count(unpricedCalls, "unpriced call");
  return nanoDollars === 0 ? calls : `${dollars} and ${calls}`;
}

export function tokens(usage: Usage): string {
  return `${usage.inputTokens} in, ${usage.outputTokens} out`;
}

/** `1 message`, `2 messages`. */
export function count(value: number, noun: string): string {
  if (value === 1) return `1 ${noun}`;
  if (noun.endsWith("y")) return `${value} ${noun.slice(0, -1)}ies`;
  return `${value} ${noun}${noun.endsWith("ch") ? "es" : "s"}`;
}

export function bytes(size: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
