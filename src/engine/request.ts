import type { Command } from "../model/command.ts";
import type { DecideContext } from "../model/decide/draft.ts";
import type { ThreadKey } from "../store/key.ts";

/** A command on its way to the log. */
export interface Request {
  readonly key: ThreadKey;
  readonly command: Command;
  readonly context: DecideContext;
  /** Message ids that the caller chose. */
  readonly givenIds: readonly string[];
  /** Present when the caller gave an idempotency key. */
  readonly operation?: { readonly user: string; readonly opId: string; readonly digest: string };
  readonly sizeBytes: number;
}
