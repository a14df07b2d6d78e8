import type { ThreadHead } from "../../model/thread.ts";
import type { Reader } from "../key.ts";

/** Whether the reader may see a thread of their own tenant. */
export function canSee({ user }: Reader, { profile }: ThreadHead): boolean {
  if (profile.purgedAt !== null) return false;
  // A user may be called `constructor`, so inherited properties must not count.
  return user === null || profile.owner === user || Object.hasOwn(profile.members, user);
}
