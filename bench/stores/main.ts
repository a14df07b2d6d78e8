import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { inTempFolder } from "../support/temp.ts";
import { makeTurns } from "../support/turn.ts";
import { contestantsIn } from "./contestants.ts";
import { installPeers } from "./install-peers.ts";
import { peerVersions } from "./peer-versions.ts";
import { measureCell, measureList } from "./measure.ts";
import type { Cell } from "./measure.ts";
import { tablesOf } from "./print-table.ts";
import type { Result } from "./print-table.ts";
import type { Contestant } from "./thread-place.ts";

/** Compares the product over each of its stores with other ways to keep threads, and prints Markdown. */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    lengths: { type: "string", default: "10,100,1000,10000" },
    only: { type: "string", default: "" },
  },
});
const capSeconds = Number(values.seconds);
const lengths = values.lengths.split(",").map(Number);
const turns = makeTurns();

installPeers();
const results: Result[] = [];
await inTempFolder(async (folder) => {
  const { contestants, close } = contestantsIn(folder);
  try {
    for (const contestant of contestants)
      if (contestant.name.toLowerCase().includes(values.only.toLowerCase()))
        results.push(await measure(contestant));
  } finally {
    await close();
  }
});
const day = new Date().toISOString().slice(0, 10);
console.log(`${day}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}.
At most ${capSeconds} s for each figure. ${peerVersions()}\n`);
console.log(tablesOf(results, lengths));

async function measure(contestant: Contestant): Promise<Result> {
  const { name, survives } = contestant;
  const cells: Cell[] = [];
  try {
    for (const length of lengths) {
      console.error(`${name}, ${length} messages`);
      cells.push(await measureCell(contestant, { length, turns, capSeconds }));
    }
    const list = await measureList(contestant, { turns, capSeconds });
    return { name, survives, cells, list };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // A server that cannot be had leaves the others to be compared.
    console.error(error);
    return { name, survives, cells, list: null, reason };
  }
}
