/** A process that changes files, and may be killed anywhere and started again. `node file-process.ts <what> <store> <root>`:
 *  `agent` lets an agent change files; `back` takes everything back; `count` adds 20 to a number in a file, one by one;
 *  `track` kills itself while it is tracked. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { agent } from "../../src/agents/agent.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";

const [what = "", path = "", root = ""] = process.argv.slice(2);

const CALLS = [
  { name: "write", input: { path: "new/a.txt", content: "a".repeat(1_000) } },
  { name: "edit", input: { path: "b.txt", find: "x", replace: "xx" } },
  { name: "move", input: { from: "c.txt", to: "moved/c.txt" } },
  { name: "delete", input: { path: "d.txt" } },
];

const model = scriptedModel(({ messages }) => {
  const results = messages.filter(({ role }) => role === "tool").length;
  const toolCall = CALLS[results];
  return toolCall === undefined
    ? ["Done."]
    : [{ toolCall: { ...toolCall, callId: `call_${results}` } }];
});

const workspace = trackedWorkspace({ root, threadId: "t", skein: () => skein });
const skein: Skein = createSkein({
  store: sqliteStore({ path }),
  worker: what === "agent",
  agents: [agent({ name: "coder", model, tools: workspace.tools })],
});

if (what === "agent") {
  const { run } = await skein.create(
    { id: "t", messages: [{ content: "Go." }], run: { agentId: "coder" } },
    { opId: "start" },
  );
  console.log((await skein.waitForRun("t", run?.id ?? "")).status);
} else if (what === "back") {
  await workspace.recover();
  const result = await workspace.rollback({ toVersion: 0 });
  console.log(result.isComplete);
} else if (what === "track") {
  await workspace.track(["."], () => {
    writeFileSync(join(root, "b.txt"), "half");
    writeFileSync(join(root, "new.txt"), "half");
    process.kill(process.pid, "SIGKILL");
  });
} else {
  for (let left = 20; left > 0;) {
    const { bytes, sha256 } = await workspace.read("number");
    const content = `${Number(Buffer.from(bytes).toString()) + 1}`;
    try {
      await workspace.write({ path: "number", content, expected: sha256 });
      left -= 1;
    } catch (error) {
      if (!isSkeinError(error, "file_conflict")) throw error;
    }
  }
  console.log("counted");
}
await workspace.close();
await skein.close();
