import { isDeepStrictEqual } from "node:util";
import { apply } from "../../model/apply.ts";
import type { Run, Step } from "../../model/run.ts";
import { oldestVersion } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadKey } from "../key.ts";
import { parseStored, textAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { runRow, stepRow } from "./encode-rare.ts";
import type { Finding } from "./finding.ts";
import { listEntries } from "./list-entries.ts";
import { change, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { writeRuns } from "./write-runs.ts";

const ENTRIES_AT_ONCE = 500;

const FIGURES = ["usage", "cost", "lastMessageId"] as const;
type Figure = (typeof FIGURES)[number];

/** What the log says of runs and steps, in the order in which they began. */
interface LoggedRuns {
  readonly runs: ReadonlyMap<string, Run>;
  readonly steps: ReadonlyMap<string, Step>;
  /** What a run that ended did not say of itself at its end. A store may have it as it was before the last write. */
  readonly vague: ReadonlyMap<string, readonly Figure[]>;
  readonly head: ThreadHead | null;
}

/** Runs and steps against the log. Of a trimmed thread only those that its log speaks of. */
export function* checkRuns(
  dialect: Dialect,
  tid: number,
  key: ThreadKey,
): Plan<readonly Finding[]> {
  const logged = yield* runsOfLog(dialect, key);
  if (logged.head === null) return [];
  const isWhole = oldestVersion(logged.head) === 1;
  const stored = yield* storedRuns(tid);
  const runs = isWhole ? stored.runs : only(stored.runs, logged.runs);
  const steps = isWhole ? stored.steps : only(stored.steps, logged.steps);
  const problems = [
    ...(isSame(certain(runs, logged.vague), certain(logged.runs, logged.vague))
      ? []
      : ["the runs are not those of the log"]),
    ...(isSame(steps, logged.steps) ? [] : ["the steps are not those of the log"]),
  ];
  const repair = (): Plan<void> => remakeRuns(dialect, tid, logged, isWhole);
  return problems.map((problem) => ({ threadId: key.id, problem, repair }));
}

function isSame(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return isDeepStrictEqual([...a], [...b]);
}

function certain(
  runs: ReadonlyMap<string, Run>,
  vague: LoggedRuns["vague"],
): ReadonlyMap<string, unknown> {
  return new Map(
    [...runs].map(([id, run]) => {
      const unsaid: readonly string[] = vague.get(id) ?? [];
      return [
        id,
        Object.fromEntries(Object.entries(run).filter(([name]) => !unsaid.includes(name))),
      ];
    }),
  );
}

function only<T>(
  stored: ReadonlyMap<string, T>,
  logged: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> {
  return new Map(
    [...logged.keys()].flatMap((id) => {
      const found = stored.get(id);
      return found === undefined ? [] : [[id, found] as const];
    }),
  );
}

function* runsOfLog(dialect: Dialect, { tenant, id }: ThreadKey): Plan<LoggedRuns> {
  const runs = new Map<string, Run>();
  const steps = new Map<string, Step>();
  const vague = new Map<string, readonly Figure[]>();
  let head: ThreadHead | null = null;
  for (;;) {
    const after: number = head?.version ?? 0;
    const entries = yield* listEntries(dialect, { tenant, id }, after, ENTRIES_AT_ONCE);
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (entry.op === "run.start") runs.set(entry.data.run.id, entry.data.run);
      if (entry.op === "run.end") {
        const { runId, run: change } = entry.data;
        const run: Run | undefined = head?.activity.runs.find((other) => other.id === runId);
        if (run !== undefined) runs.set(runId, { ...run, ...change });
        vague.set(
          runId,
          FIGURES.filter((name) => change[name] === undefined),
        );
      }
      if (entry.op === "step.start" || entry.op === "step.end") {
        const { step } = entry.data;
        steps.set(nameOf(step), step);
      }
      head = apply(head, entry);
    }
  }
  for (const run of head?.activity.runs ?? []) runs.set(run.id, run);
  return { runs, steps: byRun(runs, steps), vague, head };
}

/** Steps are stored in the order of their beginning, and asked for by run. */
function byRun(
  runs: ReadonlyMap<string, Run>,
  steps: ReadonlyMap<string, Step>,
): ReadonlyMap<string, Step> {
  const place = new Map([...runs.keys()].map((id, at) => [id, at]));
  const placeOf = ({ runId }: Step): number => place.get(runId) ?? -1;
  return new Map([...steps].sort(([, a], [, b]) => placeOf(a) - placeOf(b)));
}

function* storedRuns(tid: number): Plan<Pick<LoggedRuns, "runs" | "steps">> {
  const runs = new Map<string, Run>();
  for (const found of yield* rows("SELECT data FROM skein_run WHERE tid = ? ORDER BY rid", tid)) {
    const run = parseStored<Run>(textAt(found, 0));
    runs.set(run.id, run);
  }
  const steps = new Map<string, Step>();
  for (const found of yield* rows("SELECT data FROM skein_step WHERE tid = ? ORDER BY sid", tid)) {
    const step = parseStored<Step>(textAt(found, 0));
    steps.set(nameOf(step), step);
  }
  return { runs, steps: byRun(runs, steps) };
}

/** Makes runs and steps anew from a whole log; brings those that the log speaks of to what it says. */
function* remakeRuns(
  dialect: Dialect,
  tid: number,
  { runs, steps, head }: LoggedRuns,
  isWhole: boolean,
): Plan<void> {
  if (isWhole)
    for (const table of ["run", "step"])
      yield* change(`DELETE FROM skein_${table} WHERE tid = ?`, tid);
  const holds = head?.activity.holds ?? {};
  yield* writeRuns(
    dialect,
    tid,
    [...runs.values()].map((run) => runRow(run, holds[run.branch] === run.id ? 1 : 0)),
    [...steps.values()].map(stepRow),
  );
}

function nameOf({ runId, id }: Step): string {
  return `${runId}\n${id}`;
}
