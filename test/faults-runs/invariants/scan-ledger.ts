import type { LedgerLine } from "../ledger.ts";
import type { RunTrace } from "./trace-run.ts";

/** (I5) What a tool did to the world, it did once, unless it may run twice under one key; and what is said to be done is. */
export function scanLedger(
  lines: readonly LedgerLine[],
  traces: ReadonlyMap<string, RunTrace>,
): readonly string[] {
  const problems: string[] = [];
  for (const { run, steps } of traces.values()) {
    const own = lines.filter(({ key }) => key.startsWith(`${run.id}:`));
    for (const { tool, key } of own) {
      const count = own.filter((line) => line.key === key).length;
      const isVerified = run.actions?.some(
        ({ kind, decision }) => kind === "verify" && decision?.type === "approve",
      );
      if (ONCE.includes(tool) && count > 1 && isVerified !== true)
        problems.push(`the unsafe tool ${tool} ran ${count} times for ${key}`);
    }
    for (const { kind, name, key, status } of steps.values()) {
      if (kind !== "tool" || status !== "completed" || !NOTING.includes(name)) continue;
      const isDone = own.some((line) => line.key === `${run.id}:${key}`);
      if (!isDone && !wasAnswered(run, key))
        problems.push(`${name} is said to be done for ${run.id}:${key}, and was not`);
    }
  }
  return problems;
}

const ONCE: readonly string[] = ["unsafe", "approved", "sleepy"];
const NOTING: readonly string[] = [...ONCE, "safe", "asking"];

/** A person said what came of it. */
function wasAnswered(run: RunTrace["run"], key: string): boolean {
  const callId = key.slice("tool:".length);
  return run.actions?.some((one) => one.kind === "verify" && one.callId === callId) === true;
}
