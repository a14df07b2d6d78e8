import type { Engine } from "../../engine/engine.ts";
import { isSkeinError } from "../../model/error.ts";
import type { ThreadKey } from "../../store/key.ts";
import type { RunServices } from "../run-context.ts";
import { onceStopped } from "../stop-runs.ts";
import { subAgentsOf } from "./candidate.ts";
import type { Candidate } from "./candidate.ts";
import type { Ending } from "./policy.ts";
import type { Count } from "./sweep-report.ts";

export interface Retiring {
  readonly services: RunServices;
  readonly engine: Engine;
  readonly isDry: boolean;
}

const DONE: Readonly<Record<Ending, Count>> = {
  archive: "archived",
  delete: "deleted",
  purge: "purged",
};

/** Puts a thread to its end, its sub-agents' threads before it: whoever goes on after a crash finds it, and what is left of them.
 *  Tells of each what came of it. */
export async function retire(
  retiring: Retiring,
  candidate: Candidate,
  seen: Set<string> = new Set(),
): Promise<readonly Count[]> {
  const { key, isHeld, isBusy, ending } = candidate;
  seen.add(key.id);
  if (isHeld) return ["held"];
  if (isBusy && ending === "archive") return ["busy"];
  const counts: Count[] = [];
  for (const below of await candidatesBelow(retiring, candidate, seen))
    counts.push(...(await retire(retiring, below, seen)));
  if (retiring.isDry) return [...counts, DONE[ending]];
  return [...counts, await end(retiring, candidate)];
}

async function end(
  { services, engine }: Retiring,
  { key, ending: type, reason, version }: Candidate,
): Promise<Count> {
  try {
    const options = { expectedVersion: version };
    await onceStopped(
      { services, engine: engine.as({ tenant: key.tenant }), key, options },
      (now) => engine.worker.retire(key, { type, reason }, now),
    );
    return DONE[type];
  } catch (error) {
    if (isSkeinError(error, "thread_held")) return "held";
    if (isSkeinError(error, "version_conflict") || isSkeinError(error, "run_active")) return "busy";
    // Somebody was faster.
    if (isSkeinError(error, "thread_deleted") || isSkeinError(error, "thread_not_found"))
      return "busy";
    services.onError(error);
    return "failed";
  }
}

async function candidatesBelow(
  { engine }: Retiring,
  { key, ending, reason, below }: Candidate,
  seen: Set<string>,
): Promise<readonly Candidate[]> {
  const ids = below.filter((id) => !seen.has(id));
  if (ids.length === 0) return [];
  const keys = ids.map((id): ThreadKey => ({ tenant: key.tenant, id }));
  const heads = await engine.store.loadHeads(keys);
  return heads.flatMap((child) => {
    if (child === null || isThere(ending, child.profile)) return [];
    const { profile, activity, version } = child;
    return [
      {
        key: { tenant: key.tenant, id: profile.id },
        ending,
        reason: `${reason}, with ${key.id}`,
        version,
        isHeld: profile.hold !== undefined,
        isBusy: activity.runs.some(({ status }) => status === "running"),
        below: subAgentsOf(profile),
      },
    ];
  });
}

function isThere(
  ending: Ending,
  {
    archivedAt,
    deletedAt,
    purgedAt,
  }: {
    readonly archivedAt: number | null;
    readonly deletedAt: number | null;
    readonly purgedAt: number | null;
  },
): boolean {
  if (purgedAt !== null) return true;
  if (ending === "purge") return false;
  return deletedAt !== null || (ending === "archive" && archivedAt !== null);
}
