import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agent, createSkein, memoryStore, sqliteStore } from "skein";
import type { Skein } from "skein";

type Print = (line: string) => void;

const agents = [agent({ name: "joker", instructions: "You are good at telling jokes." })];

/** The store of the first process; the second may open it, or have one of its own. */
function sharedStore(folder: string): Skein {
  return createSkein({ store: sqliteStore({ path: join(folder, "skein.db") }), agents });
}

/** Has two conversations and writes down what it takes to go on: of a thread in a store that stays, its name; of one in memory,
 *  all of it. */
export async function suspend(folder: string, print: Print = console.log): Promise<void> {
  // Left open: a process that is killed closes nothing either.
  const stored = sharedStore(folder);
  const first = await stored.respond({ agentId: "joker", input: "My name is Alice. Tell a joke." });
  const reference = JSON.stringify(await stored.serialize(first.threadId ?? ""));
  await writeFile(join(folder, "reference.json"), reference);
  print(`suspended in its store: ${reference.length} bytes`);

  const inMemory = createSkein({ store: memoryStore(), agents });
  const second = await inMemory.respond({
    agentId: "joker",
    input: "My name is Bob. Tell a joke.",
  });
  const whole = await inMemory.serialize(second.threadId ?? "", { mode: "full" });
  await writeFile(join(folder, "export.json"), JSON.stringify(whole));
  print(`suspended as a whole: ${whole.messages.length} messages`);
}

/** Another process, or another machine that was sent the export. */
export async function resume(folder: string, print: Print = console.log): Promise<void> {
  await using stored = sharedStore(folder);
  const reference: unknown = JSON.parse(await readFile(join(folder, "reference.json"), "utf8"));
  print(`resumed in its store: ${await askName(stored, reference)}`);

  await using elsewhere = createSkein({ store: memoryStore(), agents });
  const whole: unknown = JSON.parse(await readFile(join(folder, "export.json"), "utf8"));
  print(`resumed elsewhere: ${await askName(elsewhere, whole)}`);
  const { thread, isNew } = await elsewhere.resume(whole);
  print(`resumed again: ${isNew ? "a second time" : "as it is"}, ${thread.messageCount} messages`);
}

async function askName(skein: Skein, serialized: unknown): Promise<string> {
  const { thread } = await skein.resume(serialized);
  const { text } = await skein.respond({ threadId: thread.id, input: "What's my name?" });
  return text;
}

if (import.meta.main) {
  const [step = "", folder = "."] = process.argv.slice(2);
  if (step === "suspend" || step === "") await suspend(folder);
  if (step === "suspend") await new Promise((wait) => setTimeout(wait, 60_000));
  if (step === "resume" || step === "") await resume(folder);
}
