import { needs } from "../model/decide/needs.ts";
import { NO_FACTS } from "../model/facts.ts";
import type { Facts, Need } from "../model/facts.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Store } from "../store/store.ts";
import { nameOf } from "./head-cache.ts";
import type { Request } from "./request.ts";

/** Everything that a request depends on beyond the head. */
export function needsOf(request: Request, head: ThreadHead | null): readonly Need[] {
  const needed = needs(request.command, head);
  const { operation } = request;
  if (operation === undefined) return needed;
  return [...needed, { kind: "operation", user: operation.user, opId: operation.opId }];
}

/** Facts for each request of a batch, in its order; `undefined` for one whose facts an earlier request of the batch
 *  is about to change. */
export async function loadFactsFor(
  store: Store,
  requests: readonly Request[],
  heads: ReadonlyMap<string, ThreadHead | null>,
): Promise<readonly (Facts | undefined)[]> {
  const facts: (Facts | undefined)[] = [];
  const loads: Promise<void>[] = [];
  const touched = new Set<string>();
  const blocked = new Set<string>();
  const claimed = new Set<string>();
  for (const [index, request] of requests.entries()) {
    const name = nameOf(request.key);
    const needed = needsOf(request, heads.get(name) ?? null);
    const claims = claimsOf(request, needed);
    // Whatever the head is: the head that a command names may be old by the time that the ones before it are done.
    const namesMessage = needs(request.command, null).some(({ kind }) => kind === "message");
    const mustWait =
      blocked.has(name) ||
      (namesMessage && touched.has(name)) ||
      claims.some((claim) => claimed.has(claim));
    if (mustWait) {
      // And everything behind it, so that a thread's commands stay in order.
      blocked.add(name);
      facts.push(undefined);
      continue;
    }
    touched.add(name);
    for (const claim of claims) claimed.add(claim);
    facts.push(NO_FACTS);
    if (needed.length === 0) continue;
    loads.push(
      store.loadFacts(request.key, needed).then((loaded) => {
        facts[index] = loaded;
      }),
    );
  }
  if (loads.length > 0) await Promise.all(loads);
  return facts;
}

function claimsOf(request: Request, needed: readonly Need[]): readonly string[] {
  if (needed.length === 0) return [];
  return needed.flatMap((need) => {
    if (need.kind === "given") return need.ids.map((id) => `${request.key.tenant}\nid\n${id}`);
    if (need.kind === "operation") return [`${request.key.tenant}\nop\n${need.user}\n${need.opId}`];
    return [];
  });
}
