import { digestOf } from "../../engine/digest.ts";
import type { CallOptions } from "../../engine/call.ts";
import type { Engine } from "../../engine/engine.ts";
import { branchOf } from "../../engine/messages.ts";
import type { Compaction, NewCompaction } from "../../model/compaction.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { isInstruction } from "../../model/message.ts";
import type { Message } from "../../model/message.ts";
import { MAIN } from "../../model/thread.ts";
import type { BranchHead, ThreadHead } from "../../model/thread.ts";
import { addCost, addUsage, NO_COST, NO_USAGE } from "../../model/usage.ts";
import type { Cost, Usage } from "../../model/usage.ts";
import type { Agent } from "../agent.ts";
import { costOf, priceFor } from "../cost.ts";
import type { Model } from "../models/model.ts";
import type { RunServices } from "../run-context.ts";
import { askText } from "./ask-text.ts";
import type { TextAnswer } from "./ask-text.ts";
import { findCompaction } from "./find-compaction.ts";
import { readChunk } from "./read-chunk.ts";
import { loadSummary } from "./load-summary.ts";
import { pointsToData, readSummary } from "./summary-points.ts";
import { repairPrompt, summaryInstructions, summaryPrompt } from "./summary-prompt.ts";
import { SUMMARY_STYLES } from "./thread-summary.ts";
import type { MadeSummary, SummarizeInput, SummaryStyle } from "./thread-summary.ts";
import { transcriptOf } from "./transcript.ts";

const CHUNK_TOKENS = 16_000;
const MAX_TOKENS = 2_000;
const METADATA_CHARACTERS = 4_000;

export type SummaryEngine = Pick<Engine, "loadHead" | "recordCompaction" | "store">;

interface Work {
  readonly services: RunServices;
  readonly engine: SummaryEngine;
  readonly threadId: string;
  readonly head: ThreadHead;
  readonly branch: BranchHead;
  readonly agent: Agent;
  readonly model: Model;
  readonly input: SummarizeInput;
  readonly style: SummaryStyle;
  readonly options: CallOptions;
  readonly signal: AbortSignal;
}

interface Spent {
  readonly calls: number;
  readonly usage: Usage;
  readonly cost: Cost;
}

const NOTHING: Spent = { calls: 0, usage: NO_USAGE, cost: NO_COST };

/** Sums a thread up, part by part. Every part is in the log before the next one is asked for. */
export async function summarize(
  services: RunServices,
  engine: SummaryEngine,
  threadId: string,
  input: SummarizeInput = {},
  options: CallOptions = {},
): Promise<MadeSummary> {
  const { style = "standard", branch: name = MAIN, fresh = false } = input;
  checkInput(input);
  const head = await engine.loadHead(threadId, options);
  const branch = branchOf(head, name);
  const agent = services.agents.get(
    input.agentId ?? head.profile.agentId ?? services.agents.defaultName,
  );
  const model = await services.agents.modelFor(agent, input.model);
  const signal = options.signal ?? new AbortController().signal;
  const work = {
    services,
    engine,
    threadId,
    head,
    branch,
    agent,
    model,
    input,
    style,
    options,
    signal,
  };
  const known = fresh
    ? undefined
    : await findCompaction(engine.store, head.profile, branch, { purpose: "summary", style });
  const isOpen = head.activity.open.some((open) => open.messageId === branch.messageId);
  const to = branch.count - (isOpen ? 2 : 1);
  const spent = await goOn(work, known?.compaction, to);
  const made = await loadSummary(engine, threadId, { branch: name, style }, options);
  if (made === null) throw nothingSaid(threadId);
  return { ...made, ...spent };
}

/** From what is covered down to `to`. */
async function goOn(work: Work, known: Compaction | undefined, to: number): Promise<Spent> {
  const { engine, head, branch } = work;
  const { tenant } = head.profile;
  const tokens = work.input.chunkTokens ?? CHUNK_TOKENS;
  let before = known;
  let spent = NOTHING;
  for (;;) {
    const from = before === undefined ? 0 : before.depth + 1;
    const chunk = await readChunk(engine.store, tenant, branch, { from, to, tokens });
    const last = chunk.at(-1);
    if (last === undefined || last.depth === null) {
      // The path ends where a part does: that is the whole now.
      if (before?.isPartial === true)
        await record(work, { ...whole(before), cost: NO_COST }, false);
      return spent;
    }
    const told = await tell(work, before, chunk, tokens);
    spent = {
      calls: spent.calls + told.spent.calls,
      usage: addUsage(spent.usage, told.spent.usage),
      cost: addCost(spent.cost, told.spent.cost),
    };
    const isPartial = last.depth < to;
    const compaction: NewCompaction = {
      purpose: "summary",
      branch: branch.name,
      messageId: last.id,
      depth: last.depth,
      messages: (before?.messages ?? 0) + chunk.filter(({ role }) => !isInstruction(role)).length,
      source: digestOf([before?.source ?? "", chunk.map(({ id, parts }) => [id, parts])]),
      text: told.text,
      ...(told.data && { data: told.data }),
      style: work.style,
      model: told.model,
      ...(told.spent.calls > 0 && { usage: told.spent.usage }),
      cost: told.spent.cost,
    };
    if (told.text !== "") await record(work, compaction, isPartial);
    before = { ...compaction, previous: 0, ...(isPartial && { isPartial }) };
    if (!isPartial) return spent;
  }
}

interface Told {
  readonly text: string;
  readonly data?: JsonObject;
  readonly model: string;
  readonly spent: Spent;
}

/** The summary so far and the next messages as one summary. Where there is nothing to read the model is not asked. */
async function tell(
  work: Work,
  before: Compaction | undefined,
  chunk: readonly Message[],
  tokens: number,
): Promise<Told> {
  const { model, style } = work;
  const transcript = transcriptOf(chunk, tokens);
  if (transcript === "")
    return {
      text: before?.text ?? "",
      ...(before?.data && { data: before.data }),
      model: before?.model ?? model.id,
      spent: NOTHING,
    };
  const first = await ask(
    work,
    summaryInstructions(style),
    summaryPrompt(before?.text === "" ? undefined : before, transcript),
  );
  const read = readSummary(first.text);
  if (read !== undefined) return told(first, read, first.spent);
  const second = await ask(work, summaryInstructions(style), repairPrompt(first.text));
  const spent = {
    calls: first.spent.calls + second.spent.calls,
    usage: addUsage(first.spent.usage, second.spent.usage),
    cost: addCost(first.spent.cost, second.spent.cost),
  };
  const repaired = readSummary(second.text);
  if (repaired !== undefined) return told(second, repaired, spent);
  return { text: storable(first.text), model: first.model, spent };
}

function told(
  { model }: Asked,
  { text, points }: NonNullable<ReturnType<typeof readSummary>>,
  spent: Spent,
): Told {
  return { text: storable(text), data: pointsToData(points), model, spent };
}

interface Asked {
  readonly text: string;
  readonly model: string;
  readonly spent: Spent;
}

async function ask(work: Work, system: string, prompt: string): Promise<Asked> {
  const { services, model, signal } = work;
  const answer = await askText({
    model,
    system,
    prompt,
    maxTokens: MAX_TOKENS,
    signal,
    retry: services.retry,
  });
  if (answer.kind === "stopped")
    throw new SkeinError("aborted", "The caller stopped the summary. What was made is kept.");
  if (answer.kind === "failed") throw answer.error;
  return { text: answer.text, model: answer.model, spent: spentOn(work, answer) };
}

function spentOn(
  { services, agent, input }: Work,
  { model, usage, attempts }: Extract<TextAnswer, { kind: "said" }>,
): Spent {
  // What the agent costs says nothing of another model.
  const asked = input.model === undefined ? {} : { model: input.model };
  const price = priceFor(model, agent, asked, services.prices);
  let cost = costOf(usage, price);
  for (let wasted = 1; wasted < attempts; wasted++) cost = addCost(cost, costOf(undefined, price));
  return { calls: attempts, usage: usage ?? NO_USAGE, cost };
}

/** Writes a part or the whole; the whole is in the metadata, too, where it fits. */
async function record(work: Work, compaction: NewCompaction, isPartial: boolean): Promise<void> {
  const { engine, services, threadId, branch, options } = work;
  const { userId } = options;
  const caller = userId === undefined ? {} : { userId };
  if (isPartial) {
    await engine.recordCompaction(threadId, { compaction: { ...compaction, isPartial } }, caller);
    return;
  }
  if (branch.name !== MAIN) {
    await engine.recordCompaction(threadId, { compaction }, caller);
    return;
  }
  const metadata = {
    summary: compaction.text.slice(0, METADATA_CHARACTERS).toWellFormed(),
    summarized_at: new Date(services.clock()).toISOString(),
  };
  try {
    await engine.recordCompaction(threadId, { compaction, metadata }, caller);
  } catch (error) {
    if (!isSkeinError(error, "metadata_too_large")) throw error;
    await engine.recordCompaction(threadId, { compaction }, caller);
  }
}

function whole({
  previous: _previous,
  isPartial: _isPartial,
  usage: _usage,
  ...rest
}: Compaction): NewCompaction {
  return rest;
}

function storable(text: string): string {
  return text.slice(0, LIMITS.compactionCharacters).toWellFormed().replaceAll("\0", " ");
}

function checkInput({ style, chunkTokens }: SummarizeInput): void {
  if (style !== undefined && !SUMMARY_STYLES.includes(style))
    throw new SkeinError("invalid_request", `style must be one of ${SUMMARY_STYLES.join(", ")}.`, {
      field: "style",
    });
  if (chunkTokens !== undefined && (!Number.isInteger(chunkTokens) || chunkTokens < 100))
    throw new SkeinError("invalid_request", "chunk_tokens must be a whole number of 100 or more.", {
      field: "chunk_tokens",
    });
}

function nothingSaid(threadId: string): SkeinError {
  return new SkeinError("invalid_request", `Thread ${threadId} has said nothing to sum up.`, {
    field: "thread_id",
  });
}
