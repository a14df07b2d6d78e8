import type { Skein } from "../../agents/skein.ts";
import { count } from "../format/figures.ts";
import { failureOf } from "../failure.ts";
import { type Finding, attempt, fail, ok, warn } from "./check.ts";
import { checkClock } from "./machine.ts";

/** What to do about what is found. */
export interface Repair {
  readonly repair: boolean;
  /** Also of what nothing is known to be wrong with. */
  readonly rebuild: boolean;
}

/** That the store opens, is of this program's schema, holds what it should, and can be searched; and that the clock
 *  is not behind what the store holds. */
export async function checkStore(
  open: () => Promise<Skein>,
  repair: Repair,
): Promise<readonly Finding[]> {
  let skein: Skein;
  try {
    skein = await open();
  } catch (error) {
    return [fail("store", failureOf(error).json.error.message), checkClock(Date.now(), undefined)];
  }
  const { store } = skein;
  return [
    await attempt("store", async () => {
      const { storeId, epoch } = await skein.open();
      return ok("store", `${store.name} opens; id ${storeId}, epoch ${epoch}`);
    }),
    await attempt("migrations", async () =>
      ok("migrations", `schema version ${(await skein.open()).schemaVersion}, up to date`),
    ),
    ...(await checkDurability(skein)),
    await attempt("consistency", () => checkConsistency(skein, repair)),
    await attempt("search", () => checkSearch(skein)),
    await attempt("clock", async () => {
      const { items } = await skein.list({ limit: 1 });
      return checkClock(Date.now(), items[0]?.updatedAt);
    }),
  ];
}

async function checkDurability(skein: Skein): Promise<readonly Finding[]> {
  const { warnings = [] } = await skein.open();
  if (warnings.length > 0) return warnings.map((warning) => warn("durability", warning));
  return [
    skein.store.capabilities.durable
      ? ok("durability", "what is acknowledged survives a crash")
      : warn("durability", "this store forgets when the process ends"),
  ];
}

async function checkConsistency(skein: Skein, { repair, rebuild }: Repair): Promise<Finding> {
  const { threads, messages, entries, problems } = await skein.check({ repair, rebuild });
  const left = problems.filter(({ repaired }) => !repaired);
  const counts = [
    count(threads, "thread"),
    count(messages, "message"),
    count(entries, "entry"),
  ].join(", ");
  const made = repair && rebuild ? `${counts}; made anew from the log` : counts;
  if (problems.length === 0) return ok("consistency", made);
  const shown = problems
    .slice(0, 10)
    .map(({ threadId, problem }) => `${threadId}: ${problem}`)
    .join("; ");
  if (left.length === 0) return ok("consistency", `${made}; ${problems.length} repaired: ${shown}`);
  const hint = repair ? "" : " Run skein doctor --repair.";
  return fail("consistency", `${counts}; ${left.length} not in order: ${shown}.${hint}`);
}

async function checkSearch(skein: Skein): Promise<Finding> {
  if (!skein.store.capabilities.search) return warn("search", "this store has no full-text search");
  const { indexLag } = await skein.search({ text: "skein", limit: 1 });
  return indexLag === 0
    ? ok("search", "the index is complete")
    : warn("search", `${indexLag} messages are not yet indexed`);
}
