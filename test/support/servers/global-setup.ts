import { startKeeper } from "./start-keeper.ts";

/** Gives all test files of a run the same database servers; none is started before a test asks. */
export async function setup(): Promise<() => Promise<void>> {
  return startKeeper();
}
