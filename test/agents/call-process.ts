/** A process in which an agent calls two others at once, and a function then calls one more. It may be killed anywhere and started
 *  again. `node call-process.ts <store>` prints what the thread says, and how many threads and messages there are. */
import { createSkein } from "../../src/agents/create-skein.ts";
import { agentTool } from "../../src/agents/sub-agent/agent-tool.ts";
import { textOf } from "../../src/model/part.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";

const [path = ""] = process.argv.slice(2);

const boss = scriptedModel(({ messages }) => {
  const results = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "tool-result" ? [part] : [])),
  );
  if (results.length > 0)
    return results.map(({ output }) => ("text" in output ? `${output.text} ` : ""));
  return ["A", "B"].map((task) => ({ toolCall: { name: "helper", input: { task } } }));
});

const skein = createSkein({
  store: sqliteStore({ path }),
  agents: [
    {
      name: "function",
      handler: async ({ runAgent, callAgent }) => {
        const { text } = await runAgent("boss", "boss");
        const called = await callAgent("helper", "helper", "C");
        return `${text}${called.text}`;
      },
    },
    {
      name: "boss",
      model: boss,
      tools: [agentTool({ agent: "helper", description: "Does a task." })],
    },
    {
      name: "helper",
      model: scriptedModel(({ messages }) => [`did ${textOf(messages[0]?.parts ?? [])}`]),
    },
  ],
});

const { run } = await skein.create(
  { id: "t", messages: [{ content: "Go." }], run: { agentId: "function" } },
  { opId: "start" },
);
const { status } = await skein.waitForRun("t", run?.id ?? "");
const { messages } = await skein.messages("t");
const threads = (await skein.list()).items.filter(({ kind }) => kind === "sub-agent");
const counts = threads.map(({ messageCount }) => messageCount);
console.log(
  [
    status,
    messages.length,
    threads.length,
    counts.join(),
    textOf(messages.at(-1)?.parts ?? []),
  ].join(" | "),
);
await skein.close();
