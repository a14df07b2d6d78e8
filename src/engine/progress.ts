import type { RunProgressCommand } from "../model/command.ts";
import type { Entry } from "../model/entry.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import { LOCAL_PRINCIPAL } from "../model/principal.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Store } from "../store/store.ts";
import { write } from "./core.ts";
import type { Core } from "./core.ts";
import { PAGE_BYTES } from "./page-bytes.ts";
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
  let before: number | undefined;
  const opId = core.ids("op");
  let isUnknown = false;
  return withRetry(
    async () => {
      // Whatever is written now stands behind it.
      before ??= await versionOf(core, key);
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

/** @throws SkeinError  `store_unavailable` when a trim took what would say so: the run's journal knows */
async function isInLog(
  { store }: Core,
  key: ThreadKey,
  before: number,
  opId: string,
): Promise<boolean> {
  let isWhole = true;
  for (let after = before; ;) {
    const entries = await entriesBehind(store, key, after);
    if (entries === "trimmed") isWhole = false;
    else if (entries.some((entry) => entry.opId === opId)) return true;
    else if (entries.length === 0) break;
    // What a trim left begins wherever it begins.
    after = entries === "trimmed" ? 0 : (entries.at(-1)?.version ?? after);
  }
  if (isWhole) return false;
  throw new SkeinError(
    "store_unavailable",
    `Thread ${key.id} was trimmed while the store did not answer, so it is not known what was written.`,
  );
}

async function entriesBehind(
  store: Store,
  key: ThreadKey,
  after: number,
): Promise<readonly Entry[] | "trimmed"> {
  try {
    return await store.listEntries(key, after, PAGE, PAGE_BYTES);
  } catch (error) {
    if (isSkeinError(error, "trimmed")) return "trimmed";
    throw error;
  }
}

async function versionOf(core: Core, key: ThreadKey): Promise<number> {
  const cached = core.cache.get(key);
  if (cached !== undefined) return cached.version;
  const [head] = await core.store.loadHeads([key]);
  if (head == null) return 0;
  // The write begins with it.
  core.cache.set(key, head);
  return head.version;
}

async function loadHead({ store, cache }: Core, key: ThreadKey): Promise<ThreadHead> {
  const [head] = await store.loadHeads([key]);
  // Its log has just been read.
  if (head == null) throw new TypeError(`Thread ${key.id} has a log and no head.`);
  cache.set(key, head);
  return head;
}
