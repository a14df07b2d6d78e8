import { agent, createSkein, createWorker, sqliteStore, textOf } from "skein";
import type { Worker } from "skein";

type Print = (line: string) => void;

/** Answers one turn at a time, for as long as the conversation lasts. Every turn is journaled; after it the run continues as its
 *  next segment with a journal that is empty, so that a conversation of any length costs the same. */
const orchestrator = agent({
  name: "orchestrator",
  async handler({ input, waitForEvent, append, runAgent, setStatus, continueAs }) {
    const turns = typeof input === "number" ? input : 0;
    await setStatus({ turns });
    const turn = await waitForEvent("turn", "user-turn");
    if (typeof turn?.payload !== "string") return `Goodbye after ${turns} turns.`;
    await append("asked", { role: "user", content: turn.payload });
    await runAgent("answered", "assistant");
    return continueAs(turns + 1);
  },
});

/** Works on the runs of the store: as many such processes as you like. */
export function startWorker(path: string): Promise<Worker> {
  return createWorker({ store: sqliteStore({ path }), agents: [orchestrator] });
}

const TURNS = ["My name is Alice.", "I live in Oslo.", "What's my name?"];

/** Talks to the orchestration. Whatever it does is done once, however often this program is started. */
async function talk(path: string, print: Print): Promise<void> {
  await using client = createSkein({
    store: sqliteStore({ path }),
    agents: [orchestrator],
    worker: false,
  });
  const { run } = await client.create(
    { id: "orchestrated", run: { agentId: "orchestrator" } },
    { opId: "start" },
  );
  if (run === undefined) throw new Error("The thread was made without a run.");
  for (const [index, payload] of [...TURNS, null].entries())
    await tell(client, run.id, { payload, dedupKey: `turn-${index}` });
  for await (const event of client.runStream("orchestrated", run.id))
    if (event.type === "message")
      print(`${event.message.author?.id ?? ""}: ${textOf(event.message.parts)}`);
  const ended = await client.run("orchestrated", run.id);
  print(`${ended.status} in segment ${ended.segment ?? 0}: ${JSON.stringify(ended.customStatus)}`);
}

async function tell(
  client: ReturnType<typeof createSkein>,
  runId: string,
  event: { readonly payload: string | null; readonly dedupKey: string },
): Promise<void> {
  const { endedAt } = await client.run("orchestrated", runId);
  if (endedAt === undefined)
    await client.sendEvent("orchestrated", runId, { name: "user-turn", ...event });
}

export async function main(
  print: Print = console.log,
  path: string = "orchestrated.db",
): Promise<void> {
  await using _worker = await startWorker(path);
  await talk(path, print);
}

if (import.meta.main) await main(console.log, process.argv[2]);
