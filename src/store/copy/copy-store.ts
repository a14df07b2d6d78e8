import { SkeinError } from "../../model/error.ts";
import type { Store, ThreadKey } from "../store.ts";
import { BlobCopier } from "./copy-blobs.ts";
import type { CopyOptions, CopyProblem, CopyProgress, CopyReport } from "./copy-report.ts";
import { copyThread, purgeCopied } from "./copy-thread.ts";
import type { Copying, Outcome } from "./copy-thread.ts";
import { eachThread } from "./each-thread.ts";

/**
 * Brings every thread of a store to another one: logs, messages, runs, steps, members, files, idempotency keys, ids that
 * callers chose, what forks share, and that threads were purged. A thread is brought to the version that it has when its
 * turn comes; the source may be written meanwhile, and another call brings what came since. What is there is not brought
 * again, so a call that was cut short is repeated. A thread that the target has with other content is refused, and named
 * in the report.
 *
 * Not brought: uploads that no message uses yet, leases, cursors of the feed, the order of the feed.
 *
 * @throws SkeinError  `invalid_request` when both are the same store; whatever a store throws
 * Cost: every entry is read once and written once; memory is bounded but for what a trimmed thread kept.
 */
export async function copyStore(options: CopyOptions): Promise<CopyReport> {
  const { from, to } = options;
  await proveDifferent(from, to);
  const run = new CopyRun(options);
  await eachThread(from, options, (key) => run.copy(key));
  if (run.hasPurges) await eachThread(from, options, (key) => run.purge(key));
  return run.report();
}

async function proveDifferent(from: Store, to: Store): Promise<void> {
  const [source, target] = [await from.open(), await to.open()];
  if (source.storeId === target.storeId)
    throw new SkeinError(
      "invalid_request",
      `${from.name} and ${to.name} are the same store, or one is a copy of the other's files.`,
      { field: "to" },
    );
}

class CopyRun {
  readonly #copying: Copying;
  readonly #onProgress: ((progress: CopyProgress) => void) | undefined;
  readonly #underWay = new Map<string, Promise<Outcome>>();
  readonly #problems = new Map<string, CopyProblem>();
  readonly #counts = { threads: 0, copied: 0, entries: 0, purges: 0, purged: 0 };

  constructor({ from, to, signal, onProgress }: CopyOptions) {
    this.#onProgress = onProgress;
    this.#copying = {
      from,
      to,
      signal,
      blobs: new BlobCopier(from, to),
      ensure: async (origin) => (await this.#once(origin)).kind !== "refused",
      countEntries: (count) => {
        this.#counts.entries += count;
      },
    };
  }

  get hasPurges(): boolean {
    return this.#counts.purges > 0;
  }

  async copy(key: ThreadKey): Promise<void> {
    const outcome = await this.#once(key);
    this.#counts.threads += 1;
    if (outcome.kind === "to-purge") this.#counts.purges += 1;
    this.#tell("copy", this.#counts.threads);
  }

  async purge(key: ThreadKey): Promise<void> {
    if (this.#problems.has(nameOf(key))) return;
    if (await purgeCopied(this.#copying, key)) this.#counts.copied += 1;
    this.#counts.purged += 1;
    this.#tell("purge", this.#counts.purged);
  }

  report(): CopyReport {
    const { threads, copied, entries } = this.#counts;
    const blobs = this.#copying.blobs.count;
    return { threads, copied, entries, blobs, problems: [...this.#problems.values()] };
  }

  /** A thread that several are waiting for is brought once. */
  #once(key: ThreadKey): Promise<Outcome> {
    const name = nameOf(key);
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const work = this.#copy(key).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, work);
    return work;
  }

  async #copy(key: ThreadKey): Promise<Outcome> {
    const outcome = await copyThread(this.#copying, key);
    if (outcome.kind === "copied") this.#counts.copied += 1;
    if (outcome.kind === "refused")
      this.#problems.set(nameOf(key), { ...key, problem: outcome.problem });
    return outcome;
  }

  #tell(phase: CopyProgress["phase"], threads: number): void {
    const { entries } = this.#counts;
    this.#onProgress?.({ phase, threads, entries, blobs: this.#copying.blobs.count });
  }
}

function nameOf({ tenant, id }: ThreadKey): string {
  return JSON.stringify([tenant, id]);
}
