import type { Thread } from "../../model/thread.ts";
import type { CallOptions, WriteOptions } from "../call.ts";
import type { MessageStores } from "./message-store.ts";
import type { ThreadExport, ThreadReference } from "./thread-export.ts";

export interface SerializeOptions extends CallOptions {
  /** Default `reference`. */
  readonly mode?: "reference" | "full";
  /** Bytes of files that a full export carries, in the order of the messages; those beyond are only named. Default 4 MiB,
   *  at most 64 MiB. */
  readonly inlineBytes?: number;
}

export interface ResumeOptions extends WriteOptions {
  /** Id of the thread, where what is resumed has none, or for a copy. Where the original is, too, a copy needs messages whose ids
   *  nobody chose; it has none of its runs. */
  readonly threadId?: string;
  /** Who answers, where what is resumed names no agent. Default: the default agent. */
  readonly agentId?: string;
  /** Ids that another program chose are replaced by ones that follow from them and the user: for callers who must not learn
   *  which ids are taken. Default false. */
  readonly derivesIds?: boolean;
}

export interface Resumed {
  readonly thread: Thread;
  /** False: it was here before. */
  readonly isNew: boolean;
}

/** Threads that leave their process, their machine or their store, and come back. */
export interface PortableCalls {
  serialize(
    threadId: string,
    options?: SerializeOptions & { readonly mode?: "reference" },
  ): Promise<ThreadReference>;
  serialize(
    threadId: string,
    options: SerializeOptions & { readonly mode: "full" },
  ): Promise<ThreadExport>;
  /** A reference finds its thread and nothing else. An export becomes a thread of the caller under its own id, whole or not at
   *  all; a repetition writes nothing. What was said since, here, stays; what was said since, there, is added where it follows
   *  on the end of its branch here. Also takes what the Agent Framework serialises: a thread with its messages, a session.
   *
   *  Runs that had not ended stay where they are, and so does what they were still writing; members and links do not come along.
   *  @throws SkeinError  `invalid_request` for what is damaged, changed or unknown, with the field; `id_conflict` when another
   *  thread has the id, or an id in it is taken; `thread_not_found` for a reference to another store; `blob_not_found` for a
   *  file that is only named and not here; `limit_exceeded` above 10,000 messages
   *  Cost: one commit. */
  resume(serialized: unknown, options?: ResumeOptions): Promise<Resumed>;
  /** The messages of a thread as a message store of the Agent Framework has them. */
  readonly messageStore: MessageStores;
}
