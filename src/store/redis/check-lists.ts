import { dueAtOf } from "../../model/lifetime.ts";
import type { ThreadHead } from "../../model/thread.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { stateOf, usersOf } from "./encode-head.ts";
import { nameOf } from "./names.ts";
import { SCRIPTS } from "./script.ts";

/** What is wrong with the lists that a thread stands in, and with its origin's of forks. */
export async function checkLists(backend: Backend, head: ThreadHead): Promise<readonly string[]> {
  const isListed = await runFor(backend, head.profile.tenant, SCRIPTS.isListed, ...listing(head));
  return isListed === 1 ? [] : ["the thread is not in the lists of those who may see it"];
}

/** Puts a thread where its head says. False when it has changed since. */
export async function relist(backend: Backend, head: ThreadHead): Promise<boolean> {
  const done = await runFor(backend, head.profile.tenant, SCRIPTS.relist, ...listing(head));
  return done === 1;
}

function listing({ version, profile, activity }: ThreadHead): readonly string[] {
  const users = usersOf(profile);
  const dueAt = dueAtOf(profile);
  return [
    nameOf(profile.id),
    String(version),
    stateOf(profile),
    String(activity.updatedAt),
    String(users.length),
    ...users,
    profile.forkedFrom === undefined ? "" : nameOf(profile.forkedFrom.threadId),
    dueAt === null ? "" : String(dueAt),
  ];
}
