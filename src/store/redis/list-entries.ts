import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import type { ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeEntry } from "./decode-entry.ts";
import { nameOf } from "./names.ts";
import { listOf, numberOf, textOf, textOrNullOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

/** A page of the log, in as many looks as it takes for none of them to keep the server busy. */
export async function listEntries(
  backend: Backend,
  { tenant, id }: ThreadKey,
  after: number,
  limit: number,
  maxBytes: number | undefined,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let bytes = 0;
  while (entries.length < limit) {
    const [state, size, ...rows] = listOf(
      await runFor(
        backend,
        tenant,
        SCRIPTS.entries,
        nameOf(id),
        String(entries.at(-1)?.version ?? after),
        String(limit - entries.length),
        String(maxBytes === undefined ? -1 : Math.max(0, maxBytes - bytes)),
        entries.length > 0 ? "1" : "0",
      ),
    );
    if (textOf(state) === "trimmed") throw trimmed(id, numberOf(size));
    for (const row of rows) {
      const [version, json, ...words] = listOf(row);
      entries.push(decodeEntry(id, numberOf(version), textOf(json), words.map(textOrNullOf)));
    }
    bytes += numberOf(size);
    if (textOf(state) === "end") break;
  }
  return entries;
}

function trimmed(id: string, oldest: number): SkeinError {
  return new SkeinError("trimmed", `The log of thread ${id} begins at version ${oldest}.`, {
    field: "after",
    details: { oldest },
  });
}
