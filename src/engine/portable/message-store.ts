import type { Role } from "../../model/message.ts";
import type { CallOptions, Content } from "../call.ts";
import type { ThreadExport, ThreadReference } from "./thread-export.ts";

/** A message as a message store has it. */
export interface StoredMessage {
  readonly id: string;
  readonly role: Role;
  /** Plain text, or Skein's parts. */
  readonly content: Content;
  readonly author?: string;
}

/** A message that is added: without an id it gets one. */
export type AddedMessage = Omit<StoredMessage, "id"> & { readonly id?: string };

/** The messages of one thread, on `main`. Nothing is kept in it: every call asks the thread. */
export interface ThreadMessageStore {
  readonly threadId: string;
  /** All of them, the oldest first, and those that wait. */
  listMessages(): Promise<readonly StoredMessage[]>;
  /** Adds those whose ids the thread does not have, in order, up to 1,000 in one commit. Makes the thread if there is none. */
  addMessages(messages: readonly AddedMessage[]): Promise<void>;
  /** A reference unless `mode` is `full`. Holds no address and no password of the store. */
  serialize(options?: { readonly mode?: "reference" }): Promise<ThreadReference>;
  serialize(options: { readonly mode: "full" }): Promise<ThreadExport>;
  /** Adds what a serialised state has and the thread lacks; the same state again adds nothing. */
  updateFromState(state: unknown): Promise<void>;
}

export interface MessageStores {
  (threadId: string, options?: Pick<CallOptions, "userId">): ThreadMessageStore;
  /** The store that was serialised: of the thread that it names, or that it becomes here. */
  restore: (
    state: unknown,
    options?: Pick<CallOptions, "userId"> & { readonly threadId?: string },
  ) => Promise<ThreadMessageStore>;
}
