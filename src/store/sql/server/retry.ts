import { setTimeout as sleep } from "node:timers/promises";
import type { Trouble, TroubleKind } from "./server-driver.ts";

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 4;

/** Repeats work that did nothing when it failed in one of these ways, after a random pause; then throws the error under
 *  Skein's codes. */
export async function retrying<T>(
  work: () => Promise<T>,
  troubleOf: (error: unknown) => Trouble,
  kinds: readonly TroubleKind[],
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const trouble = troubleOf(error);
      if (attempt === ATTEMPTS || !kinds.includes(trouble.kind)) throw trouble.error;
      await sleep(Math.random() * FIRST_WAIT_MS * 2 ** attempt);
    }
  }
}
