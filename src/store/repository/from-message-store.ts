import { SkeinError } from "../../model/error.ts";
import { DEFAULT_TENANT } from "../../model/principal.ts";
import { FromRepository } from "./from-repository.ts";
import type { RepositoryStore } from "./from-repository.ts";
import type { RepositoryMessage, RepositoryThread } from "./thread-repository.ts";

/** A message as message stores keep it. */
export type ChatMessage = RepositoryMessage & { readonly id: string };

/** What keeps the messages of one conversation, as the Agent Framework has it. The first two functions are enough. */
export interface ChatMessageStore {
  /** All of them, the oldest first. One that comes twice, by its id, counts once. */
  listMessages(): Promise<readonly RepositoryMessage[]>;
  /** Must have kept the messages when it resolves: then the caller is told that they are saved. Each is added once. */
  addMessages(messages: readonly ChatMessage[]): Promise<void>;
  /** What is needed to find the messages again, or the messages themselves. */
  serialize?(): Promise<unknown>;
  /** A store with the messages of a state. With it a state is merged by message id. */
  deserialize?(state: unknown): Promise<Pick<ChatMessageStore, "listMessages">>;
  /** Takes the messages of a state over. Without `deserialize` it is called with every state. */
  updateFromState?(state: unknown): Promise<void>;
}

export interface MessageStoreOptions {
  /** Id of the one thread, default `thread`. */
  readonly threadId?: string;
  /** Who owns it. Default `local`. */
  readonly userId?: string;
}

export interface MessageStoreStore extends RepositoryStore {
  readonly threadId: string;
  /** `unsupported_capability` when the message store cannot. */
  serialize(): Promise<unknown>;
  /** Adds what a state has and the message store lacks, by message id: the same state again adds nothing. */
  updateFromState(state: unknown): Promise<void>;
}

/**
 * A store with one thread, whose messages a store of the caller's keeps. Messages are added to it and never taken back: what
 * takes a message off `main` (edit, truncate, redact, purge) is `unsupported_capability`. Branches, runs and versions last as long
 * as the process. One process at a time.
 */
export function fromMessageStore(
  messageStore: ChatMessageStore,
  options: MessageStoreOptions = {},
): MessageStoreStore {
  return new FromMessageStore(messageStore, options);
}

class FromMessageStore extends FromRepository implements MessageStoreStore {
  override readonly name: string = "message store";
  readonly threadId: string;
  readonly #messageStore: ChatMessageStore;

  constructor(
    messageStore: ChatMessageStore,
    { threadId = "thread", userId }: MessageStoreOptions,
  ) {
    super({
      async getThread(id) {
        const messages = id === threadId ? await distinct(messageStore) : [];
        const owner = userId === undefined ? {} : { userId };
        return messages.length === 0 ? null : { id, messages, ...owner };
      },
      putThread: (thread) => add(messageStore, threadId, thread),
      async deleteThread() {
        throw unsupported("A message store cannot take its messages back.");
      },
    });
    this.threadId = threadId;
    this.#messageStore = messageStore;
  }

  async serialize(): Promise<unknown> {
    if (this.#messageStore.serialize === undefined)
      throw unsupported("The message store has no serialize.");
    return this.#messageStore.serialize();
  }

  async updateFromState(state: unknown): Promise<void> {
    const messageStore = this.#messageStore;
    const restored = await messageStore.deserialize?.(state);
    if (restored !== undefined) {
      const known = new Set((await distinct(messageStore)).map(({ id }) => id));
      const missing = (await distinct(restored)).filter(({ id }) => !known.has(id));
      if (missing.length > 0) await messageStore.addMessages(missing);
    } else if (messageStore.updateFromState !== undefined) {
      await messageStore.updateFromState(state);
    } else {
      throw unsupported("The message store has neither deserialize nor updateFromState.");
    }
    this.evict({ tenant: DEFAULT_TENANT, id: this.threadId });
  }
}

/** The messages, each once. One without an id is known by its place. */
async function distinct(
  from: Pick<ChatMessageStore, "listMessages">,
): Promise<readonly ChatMessage[]> {
  const messages = new Map<string, ChatMessage>();
  for (const [index, message] of (await from.listMessages()).entries()) {
    const id = message.id ?? `message-${index}`;
    if (!messages.has(id)) messages.set(id, { ...message, id });
  }
  return [...messages.values()];
}

async function add(
  messageStore: ChatMessageStore,
  threadId: string,
  { id, messages }: RepositoryThread,
): Promise<void> {
  if (id !== threadId)
    throw unsupported(`This store has one thread, ${threadId}, and cannot keep ${id}.`);
  const kept = await distinct(messageStore);
  const known = new Set(kept.map((message) => message.id));
  // What an agent is still writing has no content yet.
  const said = messages.filter(({ content }) => content.length > 0);
  const ids = new Set(said.map((message) => message.id));
  if (kept.some((message) => !ids.has(message.id)))
    throw unsupported("A message store cannot take its messages back.");
  const added = said.flatMap((message) =>
    message.id === undefined || known.has(message.id) ? [] : [{ ...message, id: message.id }],
  );
  if (added.length > 0) await messageStore.addMessages(added);
}

function unsupported(message: string): SkeinError {
  return new SkeinError("unsupported_capability", message);
}
