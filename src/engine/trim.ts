import type { TrimCommand } from "../model/command.ts";
import type { TrimPolicy } from "../model/entry.ts";
import { requireRole } from "../model/decide/access.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import { own } from "../model/own.ts";
import type { Principal } from "../model/principal.ts";
import { threadOf } from "../model/thread.ts";
import type { ThreadHead } from "../model/thread.ts";
import { entriesOf } from "./append.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { TrimInput, TrimOptions, TrimResult } from "./engine.ts";
import { planTrim } from "./plan-trim.ts";

// A plan is outdated when a branch moves while it is made, which is rare.
const PLANS = 5;

export async function trim(
  core: Core,
  base: Principal,
  threadId: string,
  input: TrimInput,
  options: TrimOptions = {},
): Promise<TrimResult> {
  const principal = principalOf(base, options);
  const policy = policyOf(input);
  const { dryRun, ...rest } = options;
  for (let attempt = 1; ; attempt++) {
    const head = await readHead(core, principal, threadId);
    requireRole(head, principal, "owner");
    const branches = await planTrim(core, head, policy);
    if (dryRun === true) return resultOf(head, wouldLose(head, branches));
    const command: TrimCommand = { type: "trim", policy, branches };
    try {
      const done = await write(core, {
        principal,
        threadId,
        command,
        options: rest,
        asked: policy,
      });
      const [entry] = await entriesOf(core, done);
      return resultOf(done.head, entry?.op === "retention.trim" ? entry.data.trimmed : {});
    } catch (error) {
      // What the caller expected of the thread has a field; an outdated plan has none.
      const isOutdated = isSkeinError(error, "version_conflict") && error.field === undefined;
      if (!isOutdated || attempt === PLANS) throw error;
    }
  }
}

function policyOf({ keepLast, before }: TrimInput): TrimPolicy {
  if ((keepLast === undefined) === (before === undefined))
    throw new SkeinError("invalid_request", "Give either keep_last or before.", {
      field: "keep_last",
    });
  if (before !== undefined) {
    if (!Number.isSafeInteger(before) || before < 0)
      throw new SkeinError("invalid_request", "before must be a time.", { field: "before" });
    return { before };
  }
  if (keepLast === undefined || !Number.isSafeInteger(keepLast) || keepLast < 1)
    throw new SkeinError("invalid_request", "keep_last must be a whole number of 1 or more.", {
      field: "keep_last",
    });
  return { keepLast };
}

function wouldLose(
  head: ThreadHead,
  planned: TrimCommand["branches"],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    planned.flatMap(({ branch, floor }) => {
      if (floor === null) return [];
      return [[branch, floor.trimmed - (own(head.branches, branch)?.floor?.trimmed ?? 0)]];
    }),
  );
}

function resultOf(head: ThreadHead, lost: Readonly<Record<string, number>>): TrimResult {
  return {
    thread: threadOf(head),
    branches: Object.entries(lost).map(([name, trimmed]) => ({ name, trimmed })),
  };
}
