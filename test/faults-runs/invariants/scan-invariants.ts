import { createSkein } from "../../../src/index.ts";
import type { Entry, Message, Skein, Store } from "../../../src/index.ts";
import { isEnded } from "../../../src/model/run-transitions.ts";
import { textOf } from "../../../src/model/part.ts";
import { addUsage, NO_USAGE } from "../../../src/model/usage.ts";
import { readLedger } from "../ledger.ts";
import { scanAccepted } from "./scan-accepted.ts";
import type { Accepted } from "./scan-accepted.ts";
import { scanLedger } from "./scan-ledger.ts";
import { traceRuns } from "./trace-run.ts";
import type { RunTrace } from "./trace-run.ts";

export interface ScanInput {
  readonly store: Store;
  /** Path of the ledger that tools write to. */
  readonly ledger: string;
  readonly accepted: readonly Accepted[];
  /** Threads to look at; those that runs of them called are looked at, too. */
  readonly threadIds: readonly string[];
  /** Nothing is under way: every run that waits for nobody must have ended. Default false: then it must have got on lately. */
  readonly isQuiet?: boolean;
}

// Two leases, and the time that a sweep may take.
const STUCK_MS = 40_000;

/** Everything that must hold at any moment, whatever was killed before (I1 to I9). Answers what does not. */
export async function scanInvariants(input: ScanInput): Promise<readonly string[]> {
  const skein = createSkein({ store: input.store, worker: false });
  const problems: string[] = [];
  const seen = new Set<string>();
  const { accepted, isQuiet = false } = input;
  for (const waiting = [...input.threadIds]; waiting.length > 0;) {
    const threadId = waiting.pop() ?? "";
    if (seen.has(threadId)) continue;
    seen.add(threadId);
    const entries = await logOf(skein, threadId);
    for (const entry of entries) if (entry.op === "link.add") waiting.push(entry.data.threadId);
    const traces = traceRuns(entries);
    const { messages } = await skein.messages(threadId, { limit: 200 });
    // Last: a tool acts before the log says that it has.
    const lines = readLedger(input.ledger);
    problems.push(
      ...scanVersions(threadId, entries),
      ...scanProgress(traces, entries, isQuiet),
      ...scanEnds(traces, messages),
      ...scanLedger(lines, traces),
      ...scanAccepted({ threadId, entries, traces, messages, accepted, isQuiet }),
      ...(await scanStreams(skein, threadId, traces, messages)),
    );
  }
  return problems;
}

/** Reads a whole log. */
export async function logOf(
  skein: Pick<Skein, "log">,
  threadId: string,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const page = await skein.log(threadId, { after: entries.length, limit: 1_000 });
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

/** (I4) Versions have no gaps and no doubles. */
function scanVersions(threadId: string, entries: readonly Entry[]): readonly string[] {
  const isGapless = entries.every(({ version }, index) => version === index + 1);
  return isGapless ? [] : [`the versions of ${threadId} have gaps`];
}

/** (I1) A run that has not ended is waited with, gets on, or stands behind one that does. */
function scanProgress(
  traces: ReadonlyMap<string, RunTrace>,
  entries: readonly Entry[],
  isQuiet: boolean,
): readonly string[] {
  const holders = new Set<string>();
  for (const entry of entries) {
    if (entry.op === "run.start" && entry.data.holds) holders.add(entry.data.run.id);
    if (entry.op === "run.update" && entry.data.holds === true) holders.add(entry.data.runId);
  }
  return [...traces.values()].flatMap(({ run, at }) => {
    const { status, actions = [] } = run;
    if (isEnded(status)) return [];
    if (status === "requires_action") {
      const isWaiting = actions.some((action) => action.status === "waiting");
      return isWaiting ? [] : [`run ${run.id} waits for nothing`];
    }
    if (isQuiet) return [`run ${run.id} is ${status} for ever`];
    const quietMs = Date.now() - at;
    const isStuck = holders.has(run.id) && quietMs > STUCK_MS;
    return isStuck ? [`run ${run.id} is ${status} and did nothing for ${quietMs} ms`] : [];
  });
}

/** (I6) A run has ended when everything that it wrote is finished and counted, and only then. */
function scanEnds(
  traces: ReadonlyMap<string, RunTrace>,
  messages: readonly Message[],
): readonly string[] {
  const problems: string[] = [];
  for (const { run, open, steps, messages: written } of traces.values()) {
    if (!isEnded(run.status)) continue;
    for (const id of open) problems.push(`run ${run.id} ended and left message ${id} open`);
    for (const step of steps.values())
      if (step.status === "running")
        problems.push(`run ${run.id} ended (${run.status}) and left step ${step.key} running`);
    const own = messages.filter(({ runId, role }) => runId === run.id && role === "assistant");
    // Messages that a branch left behind are not read here.
    if (written.some((id) => !messages.some((message) => message.id === id))) continue;
    const usage = own.reduce((sum, message) => addUsage(sum, message.usage ?? NO_USAGE), NO_USAGE);
    if (usage.outputTokens !== run.usage.outputTokens)
      problems.push(
        `run ${run.id} counts ${run.usage.outputTokens} tokens, its messages ${usage.outputTokens}`,
      );
  }
  return problems;
}

/** (I8) What is streamed, without the attempts that were reset, is what is stored. */
async function scanStreams(
  skein: Skein,
  threadId: string,
  traces: ReadonlyMap<string, RunTrace>,
  messages: readonly Message[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { run, messages: written } of traces.values()) {
    if (!isEnded(run.status)) continue;
    const texts = new Map<string, string>();
    for await (const event of skein.runStream(threadId, run.id)) {
      if (event.type === "attempt-reset") texts.delete(event.messageId);
      if (event.type !== "delta" || event.kind !== "text") continue;
      texts.set(event.messageId, (texts.get(event.messageId) ?? "") + event.text);
    }
    for (const { id, role, parts } of messages)
      if (role === "assistant" && written.includes(id) && (texts.get(id) ?? "") !== textOf(parts))
        problems.push(
          `message ${id}: “${texts.get(id)}” is streamed, “${textOf(parts)}” is stored`,
        );
  }
  return problems;
}
