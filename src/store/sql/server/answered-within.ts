import { SkeinError } from "../../../model/error.ts";

/** A network may swallow everything without ending a connection, and the system notices after a quarter of an hour; all
 *  that waits to be written would wait behind it. Longer than a server that works takes for a commit, locks included. */
const ANSWER_MS = 60_000;

/** What `work` answers, if it does so in time.
 *  @param name  of the store, without credentials
 *  @throws SkeinError  `store_unavailable` when it does not: it may take effect or not, as when a connection breaks */
export async function answeredWithin<T>(
  name: string,
  work: Promise<T>,
  answerMs: number = ANSWER_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        new SkeinError("store_unavailable", `${name} does not answer. Try again.`, {
          retryAfterMs: 1_000,
        }),
      ),
    answerMs,
  );
  try {
    // Whoever loses the race is heard by it, too.
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
