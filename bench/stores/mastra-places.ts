import { join } from "node:path";
import type { OwnServer } from "../../test/support/servers/servers.ts";
import type { Turn } from "../support/turn.ts";
import { folderSize } from "./disk-size.ts";
import { loadPeer } from "./load-peer.ts";
import { postgresSize } from "./postgres-client.ts";
import type { ThreadPlace } from "./thread-place.ts";

interface Memory {
  saveThread(input: { readonly thread: Readonly<Record<string, unknown>> }): Promise<unknown>;
  saveMessages(input: { readonly messages: readonly MastraMessage[] }): Promise<unknown>;
  listMessages(input: {
    readonly threadId: string;
    readonly page: number;
    readonly perPage: number;
    readonly orderBy: { readonly field: "createdAt"; readonly direction: "DESC" };
  }): Promise<{ readonly messages: readonly unknown[] }>;
  listThreads(input: {
    readonly filter: { readonly resourceId: string };
    readonly page: number;
    readonly perPage: number;
  }): Promise<{ readonly threads: readonly unknown[] }>;
}

interface MastraStore {
  init(): Promise<void>;
  getStore(name: "memory"): Promise<Memory>;
  close?(): Promise<void>;
}

interface MastraMessage {
  readonly id: string;
  readonly threadId: string;
  readonly resourceId: string;
  readonly role: "user" | "assistant";
  readonly type: "text";
  readonly createdAt: Date;
  readonly content: { readonly format: 2; readonly parts: readonly unknown[] };
}

// What it does with several messages at once takes the square of their number.
const MESSAGES_AT_ONCE = 500;

export async function openMastraLibsql(folder: string): Promise<ThreadPlace> {
  const { LibSQLStore }: { readonly LibSQLStore: new (options: object) => MastraStore } =
    await loadPeer("mastra", "@mastra/libsql");
  const store = new LibSQLStore({ id: "bench", url: `file:${join(folder, "mastra.db")}` });
  return openMastra(store, () => folderSize(folder));
}

export async function openMastraPg(server: OwnServer): Promise<ThreadPlace> {
  const { PostgresStore }: { readonly PostgresStore: new (options: object) => MastraStore } =
    await loadPeer("mastra", "@mastra/pg");
  const url = await server.createDatabase();
  const store = new PostgresStore({ id: "bench", connectionString: url });
  return openMastra(store, () => postgresSize(url));
}

/** The bare calls of its storage; an agent of Mastra reads threads and messages besides, on every turn. */
async function openMastra(
  store: MastraStore,
  size: () => Promise<number> | number,
): Promise<ThreadPlace> {
  await store.init();
  const memory = await store.getStore("memory");
  let number = 0;
  let newest = 0;
  const messagesOf = (threadId: string, resourceId: string, turn: Turn): MastraMessage[] =>
    [turn.user, turn.assistant].map((text, index) => {
      // Its order is that of times: two messages of one millisecond have none.
      newest = Math.max(Date.now(), newest + 1);
      return {
        id: `msg_${(++number).toString(36).padStart(26, "0")}`,
        threadId,
        resourceId,
        role: index === 0 ? "user" : "assistant",
        type: "text",
        createdAt: new Date(newest),
        content: { format: 2, parts: [{ type: "text", text }] },
      };
    });
  return {
    create: async (id, resourceId) => {
      const at = new Date();
      const thread = { id, resourceId, title: id, metadata: {}, createdAt: at, updatedAt: at };
      await memory.saveThread({ thread });
    },
    append: async (thread, user, turn) =>
      void (await memory.saveMessages({ messages: messagesOf(thread, user, turn) })),
    bring: async (thread, user, turns) => {
      const messages = turns.flatMap((turn) => messagesOf(thread, user, turn));
      for (let done = 0; done < messages.length; done += MESSAGES_AT_ONCE)
        await memory.saveMessages({ messages: messages.slice(done, done + MESSAGES_AT_ONCE) });
    },
    last: async (threadId, perPage) => {
      const orderBy = { field: "createdAt", direction: "DESC" } as const;
      return (await memory.listMessages({ threadId, page: 0, perPage, orderBy })).messages.length;
    },
    newest: async (resourceId, perPage) =>
      (await memory.listThreads({ filter: { resourceId }, page: 0, perPage })).threads.length,
    bytes: async () => size(),
    close: async () => store.close?.(),
  };
}
