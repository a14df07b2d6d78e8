import type { ThreadProfile } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { SearchHit, SearchQuery } from "../search.ts";
import type { Store } from "../store.ts";
import { create, EVERYBODY, extend } from "./fixture.ts";
import { say } from "./message-fixture.ts";

/** A thread with one message, which says "unicorn". */
export async function addThread(
  store: Store,
  id: string,
  profile: Partial<ThreadProfile>,
): Promise<void> {
  await extend(store, id, [create(id, profile), say(`${id}.m`, "a unicorn")]);
}

export async function hitsFor(
  store: Store,
  as: Reader,
  threadId?: string,
): Promise<readonly SearchHit[]> {
  const query = { text: "unicorn", limit: 10, ...(threadId !== undefined && { threadId }) };
  return (await store.search(as, query)).hits;
}

export async function messagesFor(
  store: Store,
  text: string,
  query: Partial<SearchQuery> = {},
): Promise<readonly string[]> {
  const { hits } = await store.search(EVERYBODY, { text, limit: 100, ...query });
  return hits.map(({ messageId }) => messageId ?? "title");
}
