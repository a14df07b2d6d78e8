import type { Thread } from "../../model/thread.ts";
import type { WriteOptions } from "../call.ts";
import type { CreateInput } from "../create-input.ts";

/** Which thread is asked for; one way is used. All but `alias` make an alias: `user:alice`, `user:alice/topic:tax`,
 *  `project:x`, `feature:x`, `session:x`. */
export type AliasInput =
  | { readonly alias: string }
  /** A thread of this user's, on whose behalf the call acts. */
  | { readonly user: string; readonly topic?: string }
  | { readonly project: string }
  | { readonly feature: string }
  /** Its thread is of the kind `session` and expires 24 h after its last change unless something else is said. */
  | { readonly session: string };

export type OpenInput = AliasInput & Omit<CreateInput, "id">;

export interface Opened {
  readonly thread: Thread;
  /** False: it was there, and the rest of the input was not looked at. */
  readonly isNew: boolean;
}

export interface LifecycleCalls {
  /** The thread that a user has under an alias, made if there is none. However many ask at the same time, in whatever process,
   *  one is made. A thread that was deleted or has expired is not it any more: then a new one is made. An archived one is.
   *  One read while it is there; a few more, with the logarithm of how many there were before it.
   *  @throws SkeinError  `invalid_request` for no alias, `limit_exceeded` for one above 256 characters */
  getOrCreate(input: OpenInput, options?: WriteOptions): Promise<Opened>;
  /** Holds a thread: no policy touches it, and `delete`, `purge`, `trim` and `redact` are `thread_held`. Its time
   *  goes on: released after its end, it goes with the next sweep. Takes the role owner. */
  hold(threadId: string, reason?: string, options?: WriteOptions): Promise<Thread>;
  release(threadId: string, options?: WriteOptions): Promise<Thread>;
}
