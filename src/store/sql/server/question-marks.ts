/** The parts of a text between its parameters, and the number of each parameter from 0 on. */
export interface SplitText {
  readonly parts: readonly string[];
  readonly numbers: readonly number[];
}

const LIMIT = 1_000;
const known = new Map<string, SplitText>();

/** Splits a text at `?` or `?1`, `?2` …; it has no other question mark. Remembers the last texts. */
export function splitAtParameters(sql: string): SplitText {
  let split = known.get(sql);
  if (split === undefined) {
    if (known.size >= LIMIT) known.clear();
    split = splitNow(sql);
    known.set(sql, split);
  }
  return split;
}

function splitNow(sql: string): SplitText {
  const parts: string[] = [];
  const numbers: number[] = [];
  let from = 0;
  for (const found of sql.matchAll(/\?(\d*)/gu)) {
    const [text, number = ""] = found;
    parts.push(sql.slice(from, found.index));
    numbers.push(number === "" ? numbers.length : Number(number) - 1);
    from = found.index + text.length;
  }
  parts.push(sql.slice(from));
  return { parts, numbers };
}
