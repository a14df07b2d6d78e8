import { agent, createSkein, createWorker, sqliteStore, textOf } from "skein";
import type { Json, JsonObject, Run, Skein, Worker } from "skein";

type Print = (line: string) => void;

/** What an activity finds out about a message before it is stored. */
function enrich(content: string): JsonObject {
  const words = content.split(/\s+/u).filter((word) => word !== "");
  return { words: words.length, characters: content.length, isQuestion: content.endsWith("?") };
}

/** Routes every write through an activity, and says in its status what the activities found. */
const historian = agent({
  name: "enriching-historian",
  async handler({ waitForEvent, step, append, setStatus }) {
    let words = 0;
    for (let n = 1; ; n++) {
      const event = await waitForEvent(`wait-${n}`, "append");
      const content = textIn(event?.payload);
      if (content === undefined) return undefined;
      const found = await step(`activity-${n}`, () => enrich(content), { name: "enrich" });
      await append(`append-${n}`, { role: "user", content, metadata: found });
      words += Number(found["words"]);
      await setStatus({ messages: n, words, last: found });
    }
  },
});

function textIn(payload: Json | undefined): string | undefined {
  return typeof payload === "string" ? payload : undefined;
}

export function startWorker(path: string): Promise<Worker> {
  return createWorker({ store: sqliteStore({ path }), agents: [historian] });
}

const HISTORY = ["The ship leaves at noon.", "Which pier?", "Pier seven."];

/** The status can be read at any time, also while the run works or waits. */
async function statusAfter(skein: Skein, run: Run, messages: number): Promise<Json> {
  for (;;) {
    const { customStatus = {} } = await skein.run(run.threadId, run.id);
    const isObject = customStatus !== null && typeof customStatus === "object";
    if (isObject && "messages" in customStatus && Number(customStatus.messages) >= messages)
      return customStatus;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function main(
  print: Print = console.log,
  path: string = "activity-store.db",
): Promise<void> {
  await using _worker = await startWorker(path);
  await using skein = createSkein({
    store: sqliteStore({ path }),
    agents: [historian],
    worker: false,
  });
  const { run } = await skein.create(
    { id: "enriched", run: { agentId: "enriching-historian" } },
    { opId: "start" },
  );
  if (run === undefined) throw new Error("The thread was made without a run.");
  for (const [index, payload] of HISTORY.entries())
    await skein.sendEvent("enriched", run.id, { name: "append", payload, dedupKey: `m${index}` });
  print(`status: ${JSON.stringify(await statusAfter(skein, run, HISTORY.length))}`);
  for (const { parts, metadata } of (await skein.messages("enriched")).messages)
    print(`${textOf(parts)} ${JSON.stringify(metadata)}`);
  for (const { kind, name, attempt, status } of await skein.steps("enriched", run.id))
    print(`step: ${kind} ${name}, attempt ${attempt}, ${status}`);
}

if (import.meta.main) await main(console.log, process.argv[2]);
