import type { PlannedTrim, TrimCommand } from "../command.ts";
import { SkeinError } from "../error.ts";
import type { Floor } from "../message.ts";
import { own } from "../own.ts";
import type { BranchHead, ThreadProfile } from "../thread.ts";
import { requireFree } from "./cut.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";

/** Lets go of what the plan does not keep. Nothing happens when no branch has anything to lose. */
export function trim(draft: Draft, { policy, branches: planned }: TrimCommand): void {
  const { head, context } = draft;
  const branches = Object.values(head.branches).map((branch) => {
    const plan = planned.find((it) => it.branch === branch.name);
    if (plan === undefined || !holds(plan, branch)) throw outdated(draft, branch.name);
    return lowered(branch, plan.floor);
  });
  const cut = branches.filter((branch) => own(head.branches, branch.name) !== branch);
  if (cut.length === 0) return;
  for (const { name } of cut) requireFree(draft, name);
  requireNoEvents(draft);
  const version = head.version + 1;
  const lost = cut.map(({ name, floor }) => [
    name,
    (floor?.trimmed ?? 0) - (own(head.branches, name)?.floor?.trimmed ?? 0),
  ]);
  emit(draft, "retention.trim", {
    policy,
    trimmed: Object.fromEntries(lost),
    snapshot: {
      profile: { ...withoutFiles(head.profile), trim: { version, floors: floorsOf(branches) } },
      activity: { ...head.activity, updatedAt: context.at },
      branches: Object.fromEntries(branches.map((branch) => [branch.name, branch])),
    },
  });
}

/** An event that a run has not taken stands in the log, and nowhere else. */
function requireNoEvents({ head }: Draft): void {
  const run = head.activity.runs.find(({ signals = [] }) => signals.length > 0);
  if (run !== undefined)
    throw new SkeinError("run_active", `Run ${run.id} has not taken all that it was told.`, {
      details: { run_id: run.id },
    });
}

/** What the log said of files goes with it. */
function withoutFiles({ files: _files, ...profile }: ThreadProfile): ThreadProfile {
  return profile;
}

/** The path that the plan was made for is still the beginning of the branch's: it grew where it stood, if at all. */
function holds({ head }: PlannedTrim, { segment, position }: BranchHead): boolean {
  return (
    segment.threadId === head.segment.threadId &&
    segment.number === head.segment.number &&
    position >= head.position
  );
}

function lowered(branch: BranchHead, floor: Floor | null): BranchHead {
  return floor === null || floor.trimmed <= (branch.floor?.trimmed ?? 0)
    ? branch
    : { ...branch, floor };
}

function floorsOf(branches: readonly BranchHead[]): readonly Floor[] {
  const floors = branches.flatMap(({ floor }) => floor ?? []);
  return [...new Map(floors.map((floor) => [floor.messageId, floor])).values()];
}

function outdated(draft: Draft, name: string): SkeinError {
  const { version, profile } = draft.head;
  return new SkeinError(
    "version_conflict",
    `Branch ${name} of thread ${profile.id} moved while the trim was prepared. Try again.`,
    { details: { actual: version } },
  );
}
