import { createConnection } from "mysql2/promise";
import { createClient } from "redis";
import { storeAt } from "../../src/cli/open-store.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { OwnServer } from "../../test/support/servers/servers.ts";
import { messagesOf, settle } from "../support/product-turns.ts";
import { folderSize } from "./disk-size.ts";
import { postgresSize } from "./postgres-client.ts";
import type { ThreadPlace } from "./thread-place.ts";

const MESSAGES_AT_ONCE = 500;

/** The product over the store at an address. */
async function openProduct(
  address: string,
  size: () => Promise<number> | number,
): Promise<ThreadPlace> {
  const engine = createEngine({ store: await storeAt(address, false) });
  await engine.open();
  const { search } = engine.store.capabilities;
  return {
    create: async (thread, userId) => void (await engine.create({ id: thread }, { userId })),
    append: async (thread, userId, turn) =>
      void (await engine.append(thread, messagesOf(turn), { userId })),
    bring: async (thread, userId, turns) => {
      const messages = turns.flatMap((turn) => messagesOf(turn).messages);
      for (let done = 0; done < messages.length; done += MESSAGES_AT_ONCE) {
        const some = { messages: messages.slice(done, done + MESSAGES_AT_ONCE) };
        await engine.append(thread, some, { userId });
      }
    },
    last: async (thread, limit) => (await engine.messages(thread, { limit })).messages.length,
    newest: async (userId, limit) => (await engine.list({ limit }, { userId })).items.length,
    bytes: async () => {
      if (search) await settle(engine);
      return size();
    },
    close: () => engine.close(),
  };
}

export function openSqlite(folder: string): Promise<ThreadPlace> {
  return openProduct(`sqlite:${folder}/skein.db`, () => folderSize(folder));
}

export function openFolder(folder: string): Promise<ThreadPlace> {
  return openProduct(`file:${folder}`, () => folderSize(folder));
}

export async function openPostgres(server: OwnServer): Promise<ThreadPlace> {
  const url = await server.createDatabase();
  return openProduct(url, () => postgresSize(url));
}

export async function openMariadb(server: OwnServer): Promise<ThreadPlace> {
  const url = await server.createDatabase();
  return openProduct(url, async () => {
    const connection = await createConnection(url);
    try {
      const [rows] = await connection.query(
        `SELECT CAST(sum(file_size) AS SIGNED) AS size FROM information_schema.innodb_sys_tablespaces
          WHERE name LIKE concat(database(), '/%')`,
      );
      const [row]: readonly { size?: number }[] = Array.isArray(rows)
        ? JSON.parse(JSON.stringify(rows))
        : [];
      return Number(row?.size);
    } finally {
      await connection.end();
    }
  });
}

/** Redis keeps everything in memory: that is what is counted. */
export async function openRedis(server: OwnServer): Promise<ThreadPlace> {
  return openProduct(await server.createDatabase(), async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    try {
      return Number(/used_memory:(\d+)/u.exec(await client.info("memory"))?.[1]);
    } finally {
      client.destroy();
    }
  });
}
