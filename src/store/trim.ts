import type { Message, Place } from "../model/message.ts";

/**
 * What a `retention.trim` asks of a store, in the commit that brings it; its write has no other entry.
 *
 * - The log begins with it: older entries go. `listEntries` answers what there is behind `after: 0`; an `after` from 1 on
 *   that lies before the version ahead of the trim's is `trimmed`, with `details.oldest`, the trim's version.
 * - The thread keeps, as they are: of every branch in the head after it the messages from the branch's floor on, and the
 *   system and developer messages above; and what is queued. Whatever else it wrote, or includes of the thread that it was
 *   forked from, is no longer found through it: by id, by facts, by search, as a blob.
 * - What another thread that is not purged still includes stays for that thread, and goes with the last one that lets go of it,
 *   by a trim or a purge. All else is erased at once, blobs that only it referred to included.
 * - Runs, steps, operations and given ids stay.
 * - A redaction afterwards reaches into the snapshot, too: the title, the last message, previews of what is queued.
 * - A `thread.create` whose origin was trimmed behind `from.version` is stale: what it would include may be gone.
 */
export interface KeptMessage {
  /** Its `version` is older than the log. */
  readonly message: Message;
  /** `null` for what waited when the thread was trimmed: it is listed as it waited, wherever it stands by now, unless it was
   *  taken back. Of the messages that were kept of a segment, the first one says what its segment continues: the
   *  last message before it on its path that is still there. */
  readonly place: Place | null;
  /** The thread let go of it, and a fork still includes it. */
  readonly isReleased?: true;
}
