import type { ThreadProfile } from "./thread.ts";

/** The profile without a title that was made of an erased message. */
export function withErasedTitle(profile: ThreadProfile, messageId: string): ThreadProfile {
  return profile.titleOf === messageId ? { ...profile, title: null } : profile;
}
