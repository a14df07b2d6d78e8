import type { RunProgressCommand } from "../model/command.ts";
import { isSkeinError } from "../model/error.ts";
import { LOCAL_PRINCIPAL } from "../model/principal.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import { write } from "./core.ts";
import type { Core } from "./core.ts";
import { withRetry } from "./retry.ts";

// A store that is away for longer than some seconds gives the run back; whoever takes it goes on from the journal.
const ATTEMPTS = 5;
const BASE_MS = 100;
const PAGE = 200;

/** Writes what a run did, and answers the head after it. Repeated while the store is busy or away; what took effect although
 *  nobody said so is found in the log, and not written again. */
export function progress(
  core: Core,
  key: ThreadKey,
  command: Omit<RunProgressCommand, "type">,
): Promise<ThreadHead> {
  // Whatever is written now stands behind it.
  const before = core.cache.get(key)?.version ?? 0;
  const opId = core.ids("op");
  let isUnknown = false;
  return withRetry(
    async () => {
      if (isUnknown && (await isInLog(core, key, before, opId))) return loadHead(core, key);
      try {
        const { head } = await write(core, {
          principal: { ...LOCAL_PRINCIPAL, tenant: key.tenant },
          threadId: key.id,
          command: { type: "run.progress", ...command },
          actor: "system",
          opId,
          sizeBytes: JSON.stringify(command.actions).length * 2,
        });
        return head;
      } catch (error) {
        isUnknown ||= isSkeinError(error, "store_unavailable");
        throw error;
      }
    },
    { attempts: ATTEMPTS, baseMs: BASE_MS },
  );
}

async function isInLog(
  { store }: Core,
  key: ThreadKey,
  before: number,
  opId: string,
): Promise<boolean> {
  for (let after = before; ;) {
    const entries = await store.listEntries(key, after, PAGE);
    if (entries.some((entry) => entry.opId === opId)) return true;
    const last = entries.at(-1);
    if (last === undefined) return false;
    after = last.version;
  }
}

async function loadHead({ store, cache }: Core, key: ThreadKey): Promise<ThreadHead> {
  const [head] = await store.loadHeads([key]);
  // Its log has just been read.
  if (head == null) throw new TypeError(`Thread ${key.id} has a log and no head.`);
  cache.set(key, head);
  return head;
}
