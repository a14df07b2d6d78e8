import { oldestVersion } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { CheckReport } from "../store.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { checkLists, relist } from "./check-lists.ts";
import { checkLog } from "./check-log.ts";
import { loadHeads } from "./heads.ts";
import { idsIn } from "./list-keys.ts";
import { idOf, nameOf, tenantKeys } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";
import { listTenants } from "./tenants.ts";

type Problem = CheckReport["problems"][number];

/** Proves every thread against its log, and the lists against the threads. Lists can be repaired: they are made of the
 *  heads. Threads that change while they are looked at are looked at again. */
export async function checkStore(backend: Backend, repair: boolean): Promise<CheckReport> {
  const problems: Problem[] = [];
  let [threads, messages, entries] = [0, 0, 0];
  for (const tenant of await listTenants(backend)) {
    const keys = tenantKeys(backend.place.prefix, tenant);
    for await (const id of idsIn(backend, tenant)) {
      const [head = null] = await loadHeads(backend, [{ tenant, id }]);
      // Every message has two fields: where it is, and what it is.
      messages += numberOf(await backend.connection.command("HLEN", `${keys}m:${nameOf(id)}`)) / 2;
      if (head === null || head.profile.purgedAt !== null) continue;
      threads += 1;
      entries += head.version - oldestVersion(head) + 1;
      problems.push(...(await checkThread(backend, head, repair)));
    }
    problems.push(...(await findStrays(backend, tenant)));
  }
  return { threads, messages, entries, problems };
}

async function checkThread(
  backend: Backend,
  head: ThreadHead,
  repair: boolean,
): Promise<readonly Problem[]> {
  const { id, tenant } = head.profile;
  const ofLog = await checkLog(backend, head);
  const ofLists = await checkLists(backend, head);
  if (ofLog.length + ofLists.length === 0) return [];
  const [now = null] = await loadHeads(backend, [{ tenant, id }]);
  if (now === null || now.profile.purgedAt !== null) return [];
  if (now.version !== head.version) return checkThread(backend, now, repair);
  const isRepaired = repair && ofLists.length > 0 && (await relist(backend, head));
  return [
    ...ofLog.map((problem) => ({ threadId: id, problem, repaired: false })),
    ...ofLists.map((problem) => ({ threadId: id, problem, repaired: isRepaired })),
  ];
}

// Everybody's lists of living, archived, deleted, and archived and deleted threads.
const ORDERED = ["ls:0:", "ls:1:", "ls:2:", "ls:3:", "feed"];
const AT_ONCE = 1_000;

/** Threads that lists and the feed name, and that do not exist. */
async function findStrays(backend: Backend, tenant: string): Promise<readonly Problem[]> {
  const strays: string[] = [];
  for (const list of ORDERED)
    for (let start = 0, found = AT_ONCE; found === AT_ONCE; start += AT_ONCE) {
      const args = [list, String(start), String(AT_ONCE)];
      const [count, ...names] = listOf(await runFor(backend, tenant, SCRIPTS.strays, ...args));
      found = numberOf(count);
      strays.push(...names.map(textOf));
    }
  return strays.map((name) => ({
    threadId: idOf(name),
    problem: "a list or the feed has a thread that does not exist",
    repaired: false,
  }));
}
