import type { Engine } from "../../engine/engine.ts";
import type { RunServices } from "../run-context.ts";
import { expired, idle, tenantsOf } from "./candidate.ts";
import type { Candidate } from "./candidate.ts";
import { rulesOf } from "./policy.ts";
import type { Policies, Rule } from "./policy.ts";
import { retire } from "./retire.ts";
import { emptyReport } from "./sweep-report.ts";
import type { Count, SweepOptions, SweepReport } from "./sweep-report.ts";

/** How long a sweep that stands still keeps others from sweeping. */
const LEASE_MS = 60_000;
const LEASE = "sweep";

// So many ends share a commit, and leave room for what people do meanwhile.
const AT_ONCE = 16;

// Lists may lag behind by a second, and clocks of nodes differ.
const OVERLAP_MS = 60_000;

export interface Sweeper {
  /** Ends what is at its end. Whatever was left by one that was killed, the next one does. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
}

/** One sweeps at a time on a store. Memory does not grow with the threads: they are looked at in pages of 200. */
export function createSweeper(services: RunServices, engine: Engine, policies: Policies): Sweeper {
  const rules = rulesOf(policies);
  const { store } = engine;
  // Up to where this process has looked at a list; another one begins with all of it.
  const looked = new Map<string, number>();

  async function* pages(now: number, isDry: boolean): AsyncGenerator<readonly Candidate[]> {
    yield* expired(store, now);
    if (rules.length === 0) return;
    for await (const tenant of tenantsOf(store))
      for (const [at, rule] of rules.entries()) {
        if ((rule.policy.tenant ?? tenant) !== tenant) continue;
        yield* pagesOf(tenant, rule, { list: `${at} ${tenant}`, now, isDry });
      }
  }

  async function* pagesOf(
    tenant: string,
    rule: Rule,
    { list, now, isDry }: { readonly list: string; readonly now: number; readonly isDry: boolean },
  ): AsyncGenerator<readonly Candidate[]> {
    if (now < rule.afterMs) return;
    const from = isDry ? 0 : Math.max(0, (looked.get(list) ?? 0) - OVERLAP_MS);
    const earlier = rules.slice(0, rules.indexOf(rule));
    yield* idle(store, tenant, rule, { from, now, earlier });
    if (!isDry) looked.set(list, now - rule.afterMs);
  }

  async function sweepAll(
    { dryRun: isDry = false, onProgress, signal }: SweepOptions,
    stillMine: () => Promise<boolean>,
  ): Promise<SweepReport> {
    let report = emptyReport(isDry);
    for await (const page of pages(services.clock(), isDry)) {
      if (signal?.aborted || !(await stillMine())) break;
      for (let at = 0; at < page.length; at += AT_ONCE) {
        const some = page.slice(at, at + AT_ONCE);
        const counts = await Promise.all(
          some.map((candidate) => retire({ services, engine, isDry }, candidate)),
        );
        report = withCounts(report, counts.flat());
      }
      onProgress?.(report);
    }
    // What failed is not looked at again otherwise.
    if (report.failed > 0) looked.clear();
    return report;
  }

  return {
    async sweep(options = {}) {
      if (options.dryRun === true) return sweepAll(options, async () => true);
      const holder = services.ids("op");
      const acquire = async (): Promise<boolean> =>
        (await store.acquireLease(LEASE, holder, LEASE_MS)).isMine;
      if (!(await acquire())) return { ...emptyReport(false), isElsewhere: true };
      try {
        return await sweepAll(options, acquire);
      } finally {
        const { isMine, lease } = await store.acquireLease(LEASE, holder, LEASE_MS);
        if (isMine) await store.releaseLease(lease);
      }
    },
  };
}

function withCounts(report: SweepReport, counts: readonly Count[]): SweepReport {
  const sums: Record<Count, number> = { ...report };
  for (const count of counts) sums[count] += 1;
  return { ...report, ...sums };
}
