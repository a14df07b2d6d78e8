import { SkeinError } from "../../model/error.ts";
import type { Thread } from "../../model/thread.ts";
import { milliseconds } from "../../store/duration.ts";
import type { Duration } from "../../model/duration.ts";

/** What becomes of threads that nobody uses any more. What is left out is not done. */
export interface Policy {
  /** Only threads of this tenant, of this agent, with this tag, of this kind. All given ones must hold. */
  readonly tenant?: string;
  readonly agentId?: string;
  readonly tag?: string;
  readonly kind?: string;
  /** From the last change of a thread, archived or not, to its deletion. */
  readonly expireAfter?: Duration;
  /** From the last change of a thread to its archiving. A thread that a run works on is in use. */
  readonly archiveAfterIdle?: Duration;
  /** From the last change of an archived thread to its deletion. */
  readonly deleteAfterArchive?: Duration;
  /** From the last change of a deleted thread to its erasure for good. */
  readonly purgeAfterDelete?: Duration;
}

/** Deletes sessions that were idle for 24 h, and archives what was idle for 30 days. */
const STANDARD: readonly Policy[] = [
  { kind: "session", expireAfter: "24h" },
  { archiveAfterIdle: "30d" },
];

export type Policies = readonly Policy[] | "standard";

export type Ending = "archive" | "delete" | "purge";

/** One list of threads, newest first, and what is done to those that were not changed for a time. */
export interface Rule {
  readonly policy: Policy;
  readonly ending: Ending;
  readonly archived: boolean;
  readonly deleted: boolean;
  readonly afterMs: number;
  readonly reason: string;
}

const DEEDS = [
  [
    "purgeAfterDelete",
    "purge",
    [
      [false, true],
      [true, true],
    ],
  ],
  [
    "expireAfter",
    "delete",
    [
      [false, false],
      [true, false],
    ],
  ],
  ["deleteAfterArchive", "delete", [[true, false]]],
  ["archiveAfterIdle", "archive", [[false, false]]],
] as const;

/** Policies as rules, those that take most away first.
 *  @throws SkeinError  `invalid_request` */
export function rulesOf(policies: Policies): readonly Rule[] {
  const all = policies === "standard" ? STANDARD : policies;
  for (const [at, policy] of all.entries())
    if (DEEDS.every(([name]) => policy[name] === undefined))
      throw new SkeinError("invalid_request", `policies[${at}] does nothing.`, {
        field: `policies[${at}]`,
      });
  return DEEDS.flatMap(([name, ending, lists]) =>
    all.flatMap((policy, at) => {
      const duration = policy[name];
      if (duration === undefined) return [];
      const afterMs = milliseconds(duration, `policies[${at}].${name}`);
      const reason = `${name} ${duration}${typeof duration === "number" ? "ms" : ""}`;
      return lists.map(([archived, deleted]): Rule => ({
        policy,
        ending,
        archived,
        deleted,
        afterMs,
        reason,
      }));
    }),
  );
}

export function isMeant(
  { agentId, tag, kind }: Policy,
  thread: Pick<Thread, "agentId" | "tags" | "kind">,
): boolean {
  return (
    (agentId === undefined || thread.agentId === agentId) &&
    (tag === undefined || thread.tags.includes(tag)) &&
    (kind === undefined || thread.kind === kind)
  );
}
