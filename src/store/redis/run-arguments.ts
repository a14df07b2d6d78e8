import { replay } from "../../model/apply.ts";
import type { Run } from "../../model/run.ts";
import { agendaOf } from "../run-agenda.ts";
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
  const { runs, holds } = after.activity;
  for (const run of [...runs.filter((it) => !known.has(it)), ...ended])
    verbs.push(...runVerb(run, holds[run.branch] === run.id, String(started.get(run.id) ?? "")));
  return verbs;
}

/** @param startedBy  what runs of the thread are listed by; empty for one that is listed */
export function runVerb(run: Run, holds: boolean, startedBy: string): readonly string[] {
  const createdAt = String(run.createdAt);
  const { isRunnable, dueAt, isCalling } = agendaOf(run, holds);
  return [
    "run",
    nameOf(run.id),
    JSON.stringify(run),
    startedBy,
    createdAt,
    isRunnable ? createdAt : "",
    dueAt === null ? "" : String(dueAt),
    isCalling ? createdAt : "",
  ];
}
