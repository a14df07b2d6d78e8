import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** One thing that a tool did to the world. */
export interface LedgerLine {
  readonly tool: string;
  /** What it was called with. */
  readonly tag: string;
  /** The idempotency key. */
  readonly key: string;
}

/** Acts on the world: a line is there when this returns, whatever becomes of the process. */
export function writeLedger(path: string, line: LedgerLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

export function readLedger(path: string): readonly LedgerLine[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): LedgerLine => JSON.parse(line));
}
