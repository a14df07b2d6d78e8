import type { Skein } from "../../agents/skein.ts";
import { timeOrderedIds } from "../../engine/ids.ts";
import { isSkeinError } from "../../model/error.ts";
import { LOCAL_USER } from "../../model/principal.ts";
import type { Thread } from "../../model/thread.ts";

export interface ChosenThread {
  readonly id: string;
  /** Absent when the first message creates it. */
  readonly thread?: Thread;
}

/** The thread that was named, else the user's newest one, else a new one. A named one that does not exist is created
 *  by the first message. */
export async function chooseThread(
  skein: Skein,
  choice: {
    readonly id: string | undefined;
    readonly isNew: boolean;
    readonly user: string | null;
  },
): Promise<ChosenThread> {
  if (choice.id !== undefined) {
    try {
      return { id: choice.id, thread: await skein.get(choice.id) };
    } catch (error) {
      if (!isSkeinError(error, "thread_not_found")) throw error;
      return { id: choice.id };
    }
  }
  if (!choice.isNew) {
    const { items } = await skein.list({ owner: choice.user ?? LOCAL_USER, limit: 1 });
    const [newest] = items;
    if (newest !== undefined) return { id: newest.id, thread: newest };
  }
  return { id: newThreadId() };
}

export function newThreadId(): string {
  return timeOrderedIds()("th");
}
