/** Before the second, third, … try: eight tries in about a day. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 50_400_000,
];

const MOST_MS = 86_400_000;
const JITTER = 0.2;

/** How long to wait after so many tries; `undefined` when there are no more. Up to a fifth longer, by chance, so that what
 *  failed together does not come back together; as long as the endpoint has asked for, within a day. */
export function retryDelay(
  delaysMs: readonly number[],
  tries: number,
  retryAfterMs = 0,
  random: () => number = Math.random,
): number | undefined {
  const delay = delaysMs[tries - 1];
  if (delay === undefined) return undefined;
  return Math.max(Math.round(delay * (1 + JITTER * random())), Math.min(retryAfterMs, MOST_MS));
}
