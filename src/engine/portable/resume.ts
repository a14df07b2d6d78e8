import { checkId } from "../../model/check.ts";
import { SkeinError } from "../../model/error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { JsonObject } from "../../model/json.ts";
import { userOf } from "../../model/principal.ts";
import type { Principal } from "../../model/principal.ts";
import { threadOf } from "../../model/thread.ts";
import { principalOf, readHead } from "../core.ts";
import type { Core } from "../core.ts";
import { readAgentFramework } from "./agent-framework.ts";
import { importThread } from "./import-thread.ts";
import type { ResumeOptions, Resumed } from "./portable-calls.ts";
import { readExport } from "./read-export.ts";
import { packedOf } from "./unpack.ts";

const DEPTH = 500;

export async function resume(
  core: Core,
  base: Principal,
  serialized: unknown,
  options: ResumeOptions = {},
): Promise<Resumed> {
  const { threadId, agentId, derivesIds = false, ...rest } = options;
  const principal = principalOf(base, rest);
  if (threadId !== undefined) checkId(threadId, "thread_id");
  if (agentId !== undefined) checkId(agentId, "agent_id");
  if (!isJsonObject(serialized))
    throw new SkeinError("invalid_request", "What is resumed must be a JSON object.");
  checkDepth(serialized, 0);
  if (serialized["type"] === "skein.thread") return find(core, principal, serialized);
  const packed =
    serialized["type"] === "skein.export"
      ? packedOf(readExport(serialized))
      : readAgentFramework(serialized, {
          threadId,
          user: userOf(principal),
          now: core.clock(),
          isDeriving: derivesIds,
        });
  // What is kept elsewhere, and named only.
  if (packed.content === undefined) {
    const thread = threadOf(await readHead(core, principal, packed.threadId));
    return { thread, isNew: false };
  }
  // Runs stay with the thread that had them; a copy under another id is without.
  const isCopy = threadId !== undefined && threadId !== packed.threadId;
  const content = isCopy ? { ...packed.content, runs: [] } : packed.content;
  return importThread(core, principal, { ...packed, content }, options);
}

async function find(core: Core, principal: Principal, given: JsonObject): Promise<Resumed> {
  const { version, store_id: storeId, thread_id: threadId, thread_version: seen } = given;
  if (version !== 1 || typeof threadId !== "string" || typeof seen !== "number")
    throw new SkeinError("invalid_request", "The reference is not as it must be.");
  const info = await core.store.open();
  if (storeId !== info.storeId)
    throw new SkeinError(
      "thread_not_found",
      "The reference is to a thread of another store. Serialise it there with mode full.",
      { field: "store_id" },
    );
  const head = await readHead(core, principal, threadId);
  if (seen > head.version)
    throw new SkeinError(
      "version_not_found",
      `Thread ${threadId} was at version ${seen} and is at ${head.version}: the store has lost what came between.`,
      { field: "thread_version", details: { newest: head.version } },
    );
  return { thread: threadOf(head), isNew: false };
}

/** What is nested deeper than anything that Skein stores would end the process that reads it. */
function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > DEPTH)
    throw new SkeinError(
      "invalid_request",
      `What is resumed is nested deeper than ${DEPTH} levels.`,
    );
  for (const inner of Object.values(value)) checkDepth(inner, depth + 1);
}
