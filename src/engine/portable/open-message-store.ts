import { checkId } from "../../model/check.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import { LIMITS } from "../../model/limits.ts";
import type { Message } from "../../model/message.ts";
import type { Engine } from "../engine.ts";
import type { CallOptions } from "../call.ts";
import type { AddedMessage, StoredMessage, ThreadMessageStore } from "./message-store.ts";

/** What can be done with the thread. */
export type StoredThread = Pick<Engine, "create" | "append" | "messages" | "serialize" | "resume">;

export function openMessageStore(
  engine: StoredThread,
  threadId: string,
  options: Pick<CallOptions, "userId"> = {},
): ThreadMessageStore {
  checkId(threadId, "thread_id");
  const listMessages = async (): Promise<readonly StoredMessage[]> => {
    const pages: (readonly Message[])[] = [];
    // From the newest back: what is added meanwhile is not half there.
    for (let before: string | undefined; ;) {
      const input = { limit: LIMITS.pageSize, ...(before !== undefined && { before }) };
      const page = await engine.messages(threadId, input, options);
      pages.push(page.messages);
      before = page.messages[0]?.id;
      if (!page.hasOlder) return pages.toReversed().flat().map(storedMessage);
    }
  };
  const addMessages = async (given: readonly AddedMessage[]): Promise<void> => {
    const known = new Set((await listed(listMessages)).map(({ id }) => id));
    const messages = given.filter(({ id }) => id === undefined || !known.has(id));
    if (messages.length === 0) return;
    try {
      await engine.append(threadId, { messages }, options);
    } catch (error) {
      if (!isSkeinError(error, "thread_not_found")) throw error;
      await engine.create({ id: threadId, messages }, options);
    }
  };
  const serialize = (given: { readonly mode?: "reference" | "full" } = {}): Promise<unknown> =>
    given.mode === "full"
      ? engine.serialize(threadId, { ...options, mode: "full" })
      : engine.serialize(threadId, options);
  return {
    threadId,
    listMessages,
    addMessages,
    // The answer follows from the mode, which the compiler cannot see.
    serialize: serialize as ThreadMessageStore["serialize"],
    async updateFromState(state) {
      const { thread } = await engine.resume(state, { ...options, threadId });
      if (thread.id !== threadId)
        throw new SkeinError("id_conflict", `The state is one of thread ${thread.id}.`, {
          field: "thread_id",
        });
    },
  };
}

/** A thread that is not there yet has said nothing. */
async function listed(
  list: () => Promise<readonly StoredMessage[]>,
): Promise<readonly StoredMessage[]> {
  try {
    return await list();
  } catch (error) {
    if (isSkeinError(error, "thread_not_found")) return [];
    throw error;
  }
}

function storedMessage({ id, role, parts, author }: Message): StoredMessage {
  const [first] = parts;
  const isPlain = parts.length === 1 && first?.type === "text" && Object.keys(first).length === 2;
  return {
    id,
    role,
    content: isPlain ? first.text : parts,
    ...(author && { author: author.id }),
  };
}
