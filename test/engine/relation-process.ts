import { createEngine } from "../../src/engine/create-engine.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

/** Makes, links and purges threads until it is killed; prints a line for each that it was told is done. */
const [kind = "", path = ""] = process.argv.slice(2);
const store = kind === "file" ? fileStore({ path }) : sqliteStore({ path });
const engine = createEngine({ store });

let before = (await engine.create()).thread.id;
for (let round = 0; ; round++) {
  const { thread } = await engine.create();
  const work = [
    engine.link(before, { kind: "related", threadId: thread.id }),
    engine.createSummaryThread(thread.id, "Short."),
    engine.spawnSubAgentThread(thread.id, "Look it up"),
  ];
  await Promise.all(work);
  const next = await engine.continueThread(thread.id);
  console.log(next.id);
  if (round % 3 === 2) await engine.delete(thread.id, { purge: true });
  if (round % 4 === 3) await engine.unlink(next.id, { kind: "continues", threadId: thread.id });
  before = next.id;
}
