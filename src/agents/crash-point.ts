/** Every place where a test may kill the process, in the order in which a turn passes them. */
export const CRASH_POINTS = [
  "before-pickup",
  "before-claim",
  "after-claim",
  "before-step-start",
  "after-step-start",
  "before-chunk-flush",
  "after-chunk-flush",
  "mid-stream",
  "before-step-end",
  "after-step-end",
  "before-tool-intent",
  "after-tool-intent",
  "before-tool",
  "after-tool",
  "before-tool-result",
  "after-tool-result",
  "before-wait",
  "after-wait",
  "before-final",
  "after-final",
  "before-early-end",
  "after-early-end",
] as const;

/** The same of agents that are functions, and of runs that call others. */
export const FLOW_CRASH_POINTS = [
  "before-task-intent",
  "after-task-intent",
  "before-task-result",
  "after-task-result",
  "before-append",
  "after-append",
  "before-call",
  "before-called-run",
  "after-called-run",
  "before-continue",
  "after-continue",
] as const;

/** The same of a change of files. */
export const FILE_CRASH_POINTS = [
  "before-file-intent",
  "after-file-intent",
  "before-file-touch",
  "mid-file-write",
  "after-file-touch",
  "before-file-result",
  "after-file-result",
] as const;

export type CrashPoint =
  | (typeof CRASH_POINTS)[number]
  | (typeof FLOW_CRASH_POINTS)[number]
  | (typeof FILE_CRASH_POINTS)[number];

// Read once: the places are on hot paths.
const [armed, armedHit = "1"] = (process.env["SKEIN_CRASH_AT"] ?? "").split("#");
let hits = 0;

/** Kills this process with SIGKILL when `SKEIN_CRASH_AT` names the place, at its first hit or, as `name#3`, at its third.
 *  Does nothing otherwise. For tests of recovery. */
export function crashPoint(name: CrashPoint): void {
  if (name !== armed) return;
  hits += 1;
  if (hits === Number(armedHit)) process.kill(process.pid, "SIGKILL");
}
