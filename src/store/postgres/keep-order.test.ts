import pg from "pg";
import { expect, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { createEngine } from "../../engine/create-engine.ts";
import { settledFeed } from "../conformance/settled-feed.ts";
import { postgresStore } from "./postgres-store.ts";

const EVERYBODY = { tenant: "default", user: null } as const;

await describeServer("postgres", "a log that was brought from another PostgreSQL", () => {
  test("keeps its order, is followed to its end, and refuses cursors of before", async () => {
    const url = await postgresUrl();
    const before = createEngine({ store: postgresStore(url) });
    await before.create({ id: "old" });
    const { epoch } = await before.store.open();
    const cursor = await before.store.feedEnd(EVERYBODY.tenant);
    await before.close();
    await atServerWithSmallerNumbers(url);

    const engine = createEngine({ store: postgresStore(url) });
    await engine.create({ id: "new" });
    const page = await settledFeed(engine.store, EVERYBODY, { after: null, limit: 10 });
    expect(page.events.map(({ threadId }) => threadId)).toEqual(["old", "new"]);
    expect((await engine.store.open()).epoch).not.toBe(epoch);
    await expect(
      engine.store.listFeed(EVERYBODY, { after: cursor, limit: 10 }),
    ).rejects.toMatchObject({ code: "invalid_cursor" });
    await engine.close();

    const again = createEngine({ store: postgresStore(url) });
    await again.create({ id: "newest" });
    const { events } = await settledFeed(again.store, EVERYBODY, { after: page.cursor, limit: 10 });
    expect(events.map(({ threadId }) => threadId)).toEqual(["newest"]);
    await again.close();
  });
});

/** As if the rows had come out of a dump of a server that had more transactions behind it. */
async function atServerWithSmallerNumbers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("UPDATE skein_entry SET xid = xid + 1000000000");
  await client.end();
}
