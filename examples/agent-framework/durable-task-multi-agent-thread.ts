import { agent, createSkein, createWorker, sqliteStore, textOf, tool } from "skein";
import type { Agent, Worker } from "skein";
import { scriptedModel } from "skein/testing";

type Print = (line: string) => void;

const DEPTHS: Readonly<Record<string, number>> = { baikal: 1642, tanganyika: 1470, ladoga: 230 };

const lookUp = tool({
  name: "look_up_depth",
  description: "The depth of a lake in metres.",
  input: { type: "object", properties: { lake: { type: "string" } }, required: ["lake"] },
  effect: "idempotent",
  async execute(input, { state }) {
    const { lake }: { readonly lake: string } = JSON.parse(JSON.stringify(input));
    const metres = DEPTHS[lake] ?? null;
    // What one agent finds, the others can use.
    await state.patch({ depths: { [lake]: metres } });
    return metres;
  },
});

const compare = tool({
  name: "compare_depths",
  description: "Sorts the lakes that were looked up, the deepest first.",
  input: { type: "object", properties: {} },
  effect: "idempotent",
  async execute(_input, { state }) {
    const { depths = {} } = (await state.get()).value;
    return Object.entries(depths ?? {})
      .sort(([, a], [, b]) => Number(b) - Number(a))
      .map(([lake]) => lake);
  },
});

/** Has only the tool that looks up. The script stands for a model; name a real one instead, as in `model: "openai/gpt-5"`. */
const researcher: Agent = agent({
  name: "researcher",
  instructions: "Look up every lake that is named.",
  tools: [lookUp],
  model: scriptedModel(({ messages }) =>
    messages.at(-1)?.role === "tool"
      ? "I have looked up three lakes."
      : Object.keys(DEPTHS).map((lake) => ({
          toolCall: { name: "look_up_depth", input: { lake } },
        })),
  ),
});

/** Has only the tool that compares. */
const analyst: Agent = agent({
  name: "analyst",
  instructions: "Compare what the researcher found.",
  tools: [compare],
  model: scriptedModel(({ messages }) => {
    const result = messages.at(-1)?.parts.find(({ type }) => type === "tool-result");
    if (result?.type !== "tool-result")
      return [{ toolCall: { name: "compare_depths", input: {} } }];
    const { output } = result;
    return `From deep to shallow: ${output.type === "json" ? JSON.stringify(output.value) : ""}`;
  }),
});

/** Has them work on one thread, and writes down in the shared state how far they are. */
const coordinator = agent({
  name: "coordinator",
  async handler({ runAgent, updateState, setStatus }) {
    for (const name of [researcher.name, analyst.name]) {
      await setStatus({ at_work: name });
      await runAgent(name, name);
      await updateState(`${name}.done`, ({ done = [] }) => ({
        done: [...(Array.isArray(done) ? done : []), name],
      }));
    }
    await setStatus({ at_work: null });
  },
});

const agents = [coordinator, researcher, analyst];

export function startWorker(path: string): Promise<Worker> {
  return createWorker({ store: sqliteStore({ path }), agents });
}

export async function main(
  print: Print = console.log,
  path: string = "multi-agent.db",
): Promise<void> {
  await using _worker = await startWorker(path);
  await using skein = createSkein({ store: sqliteStore({ path }), agents, worker: false });
  const { run } = await skein.create(
    {
      id: "lakes",
      messages: [{ content: "Which is the deepest: Ladoga, Baikal or Tanganyika?" }],
      run: { agentId: "coordinator" },
    },
    { opId: "start" },
  );
  if (run === undefined) throw new Error("The thread was made without a run.");
  const { status } = await skein.waitForRun("lakes", run.id);
  for (const { role, author, parts } of (await skein.messages("lakes")).messages)
    if (role !== "tool" && textOf(parts) !== "") print(`${author?.id ?? ""}: ${textOf(parts)}`);
  print(`state: ${JSON.stringify((await skein.state("lakes")).value)}`);
  // Who did what, with which tool, how often it was tried, and on which worker.
  for (const step of await skein.steps("lakes", run.id))
    print(`step: ${step.agentId} ${step.kind} ${step.name}, ${step.status}`);
  print(`the run is ${status}`);
}

if (import.meta.main) await main(console.log, process.argv[2]);
