import type { Command } from "../model/command.ts";
import type { Decision } from "../model/decide/decide.ts";
import type { DecideContext } from "../model/decide/draft.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";

/** What a command does to another thread in the same commit, or has to know of it. */
export interface Beside {
  readonly key: ThreadKey;
  /** Decides on the thread as it is when the commit is made, or only looks at it: `null`. What it throws refuses the whole.
   *  @param context  that of the command, but for what it expects of its own thread */
  readonly decide: (
    head: ThreadHead | null,
    context: DecideContext,
  ) => Pick<Decision, "entries" | "head"> | null;
}

/** A command on its way to the log. */
export interface Request {
  readonly key: ThreadKey;
  readonly command: Command;
  readonly context: DecideContext;
  /** Message ids that the caller chose. */
  readonly givenIds: readonly string[];
  /** Present when the caller gave an idempotency key. */
  readonly operation?: { readonly user: string; readonly opId: string; readonly digest: string };
  /** Other threads that change with it. Its own, too, may be looked at. */
  readonly beside?: readonly Beside[];
  readonly sizeBytes: number;
}
