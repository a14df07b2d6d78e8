import { readFileSync } from "node:fs";
import { createEngine } from "../../src/index.ts";
import type { Message, Run, Store } from "../../src/index.ts";
import type { Acknowledged, SeenText } from "./client.ts";

export interface ScanInput {
  readonly store: Store;
  readonly ledger: string;
  readonly acknowledged: readonly Acknowledged[];
  /** What readers saw before the crash. */
  readonly seen: SeenText;
  /** What a reader gets who comes afterwards. */
  readonly replayed: SeenText;
  readonly threadIds: readonly string[];
}

/** Everything that must hold after a crash and a restart. Returns what does not. */
export async function scan(input: ScanInput): Promise<readonly string[]> {
  const { store } = input;
  const engine = createEngine({ store });
  const problems: string[] = [];
  try {
    const { problems: found } = await engine.check();
    problems.push(...found.map(({ threadId, problem }) => `${threadId}: ${problem}`));
    for (const threadId of input.threadIds) {
      problems.push(...(await scanThread(engine, threadId, input)));
    }
    const unended = await store.listRunnableRuns();
    problems.push(...unended.map(({ run }) => `run ${run.id} is ${run.status} for ever`));
  } finally {
    await engine.close();
  }
  return [...problems, ...scanLedger(input.ledger)];
}

async function scanThread(
  engine: ReturnType<typeof createEngine>,
  threadId: string,
  { acknowledged, seen, replayed }: ScanInput,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const entries = await engine.log(threadId, { limit: 1_000 });
  if (entries.some(({ version }, index) => version !== index + 1))
    problems.push(`${threadId}: versions have gaps`);
  const { messages } = await engine.messages(threadId, { limit: 200 });
  const { items: runs } = await engine.runs(threadId, { limit: 200 });
  for (const told of acknowledged.filter((other) => other.threadId === threadId)) {
    const found = messages.filter(({ id }) => id === told.messageId);
    if (found.length !== 1 || textOf(found[0]) !== told.text)
      problems.push(`${threadId}: acknowledged “${told.text}” is there ${found.length} times`);
    const started = entries.filter(
      ({ op, data }) => op === "run.start" && data.run.id === told.runId,
    );
    if (started.length !== 1)
      problems.push(`${threadId}: run ${told.runId} started ${started.length} times`);
  }
  for (const message of messages) problems.push(...scanMessage(message, { seen, replayed, runs }));
  for (const run of runs) problems.push(...(await scanSteps(engine, threadId, run)));
  return problems;
}

function scanMessage(
  message: Message,
  {
    seen,
    replayed,
    runs,
  }: Pick<ScanInput, "seen" | "replayed"> & { readonly runs: readonly Run[] },
): readonly string[] {
  const { id, status, role, runId } = message;
  if (status === "in_progress" || status === "queued") return [`message ${id} is ${status}`];
  if (role !== "assistant") return [];
  if (!runs.some((run) => run.id === runId)) return [`message ${id} belongs to no run`];
  const stored = textOf(message);
  const { attempt, text } = lastAttempt(replayed, id);
  const before = seen.get(`${id} ${attempt}`) ?? "";
  return [
    ...(text === stored ? [] : [`message ${id}: “${text}” is streamed, “${stored}” is stored`]),
    ...(stored.startsWith(before)
      ? []
      : [`message ${id}: “${before}” was streamed, “${stored}” is stored`]),
  ];
}

/** The attempt that was kept is the last one. */
function lastAttempt(
  texts: SeenText,
  id: string,
): { readonly attempt: number; readonly text: string } {
  const attempts = [...texts.keys()].filter((key) => key.startsWith(`${id} `));
  const attempt = Math.max(0, ...attempts.map((key) => Number(key.split(" ")[1])));
  return { attempt, text: texts.get(`${id} ${attempt}`) ?? "" };
}

async function scanSteps(
  engine: ReturnType<typeof createEngine>,
  threadId: string,
  run: Run,
): Promise<readonly string[]> {
  const steps = await engine.steps(threadId, run.id);
  const done = steps.filter(({ status }) => status === "completed").map(({ key }) => key);
  const twice = done.filter((key, index) => done.indexOf(key) !== index);
  const fences = steps.map(({ fence }) => fence);
  const isSorted = fences.every((fence, index) => fence >= (fences[index - 1] ?? 0));
  return [
    ...twice.map((key) => `run ${run.id} completed step ${key} twice`),
    ...(isSorted ? [] : [`fences of run ${run.id} fall: ${fences.join(", ")}`]),
  ];
}

function scanLedger(path: string): readonly string[] {
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  const unsafe = lines
    .map((line): { readonly name: string; readonly key: string } => JSON.parse(line))
    .filter(({ name }) => name === "unsafe")
    .map(({ key }) => key);
  return unsafe
    .filter((key, index) => unsafe.indexOf(key) !== index)
    .map((key) => `the unsafe tool ran twice for ${key}`);
}

function textOf(message: Message | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}
