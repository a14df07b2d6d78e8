import { replay } from "../../model/apply.ts";
import { isEnded } from "../../model/run-transitions.ts";
import type { Run } from "../../model/run.ts";
import type { ThreadWrite } from "../store.ts";
import { nameOf } from "./names.ts";

/** Runs and steps that a write changes, as the script's verbs. */
export function runArguments(write: ThreadWrite): readonly string[] {
  const { before, after, entries } = write;
  const started = new Map<string, number>();
  const ended: Run[] = [];
  const verbs: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.op === "run.start") started.set(entry.data.run.id, entry.version);
    else if (entry.op === "run.end") {
      const { runId, run: change } = entry.data;
      const head = replay(entries.slice(0, index), before);
      const run = head?.activity.runs.find(({ id }) => id === runId);
      if (run !== undefined) ended.push({ ...run, ...change });
    } else if (entry.op === "step.start" || entry.op === "step.end") {
      const { step } = entry.data;
      const version = String(entry.version);
      verbs.push("step", nameOf(step.runId), nameOf(step.id), JSON.stringify(step), version);
    }
  }
  const known = new Set(before?.activity.runs);
  for (const run of [...after.activity.runs.filter((it) => !known.has(it)), ...ended])
    verbs.push(
      "run",
      nameOf(run.id),
      JSON.stringify(run),
      String(started.get(run.id) ?? ""),
      String(run.createdAt),
      // A run that has ended is no longer among the thread's, whatever its status says.
      ended.includes(run) || isEnded(run.status) ? "1" : "0",
    );
  return verbs;
}
