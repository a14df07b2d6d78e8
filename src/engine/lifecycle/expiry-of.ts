import { SkeinError } from "../../model/error.ts";
import type { Expiry } from "../../model/lifetime.ts";
import { milliseconds } from "../../store/duration.ts";
import type { EndInput } from "./end-input.ts";

const DAY_MS = 86_400_000;
// A hundred years: what is later is a mistake, and no date.
const MOST_MS = 36_525 * DAY_MS;

/** The end of a thread as a caller asked for it; `undefined` if none was.
 *  @throws SkeinError  `invalid_request` */
export function expiryOf(input: EndInput, now: number): Expiry | undefined {
  const { expiresIn, expiresAt, sliding = false, ephemeral = false } = input;
  const erased = ephemeral ? { isErased: true as const } : {};
  if (expiresAt !== undefined) {
    if (expiresIn !== undefined || sliding)
      throw wrong("expires_at stands alone, without expires_in and sliding.");
    if (!Number.isSafeInteger(expiresAt) || expiresAt < 0 || expiresAt > now + MOST_MS)
      throw wrong(
        "expires_at must be a time in milliseconds since the epoch, within a hundred years.",
      );
    return { at: expiresAt, ...erased };
  }
  if (expiresIn === undefined) {
    if (sliding && !ephemeral) throw wrong("sliding needs expires_in.");
    return ephemeral ? { at: now + DAY_MS, slidingMs: DAY_MS, ...erased } : undefined;
  }
  const afterMs = Math.ceil(milliseconds(expiresIn, "expires_in"));
  if (afterMs > MOST_MS)
    throw new SkeinError("invalid_request", "expires_in must be at most a hundred years.", {
      field: "expires_in",
    });
  return { at: now + afterMs, ...(sliding && { slidingMs: afterMs }), ...erased };
}

function wrong(sentence: string): SkeinError {
  return new SkeinError("invalid_request", sentence, { field: "expires_at" });
}
