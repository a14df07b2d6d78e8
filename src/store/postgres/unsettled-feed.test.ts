import pg from "pg";
import { expect, test } from "vitest";
import { createEngine } from "../../engine/create-engine.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer } from "../../../test/support/servers/servers.ts";
import { postgresStore } from "./postgres-store.ts";

await describeServer(
  "postgres",
  "the feed of all threads on PostgreSQL",
  () => {
    test("shows what an older transaction of somebody else held back, though nobody tells when that ends", async () => {
      // A transaction that lasts holds up every database of its server.
      await using server = await ownServer("postgres");
      const url = await server.createDatabase();
      const engine = createEngine({ store: postgresStore(url) });
      await engine.create({ id: "first" });
      const other = new pg.Client({ connectionString: url });
      await other.connect();
      await other.query("BEGIN");
      await other.query("SELECT pg_current_xact_id()");
      const stop = new AbortController();
      const feed = engine.observe({ after: "0", signal: stop.signal })[Symbol.asyncIterator]();
      expect((await feed.next()).value).toMatchObject({ threadId: "first" });
      const second = feed.next();
      let isThere = false;
      void second.then(() => (isThere = true));
      await engine.create({ id: "second" });
      const page = await engine.store.listFeed(
        { tenant: "default", user: null },
        { after: null, limit: 10 },
      );
      expect(page).toMatchObject({ isAtEnd: true, isUnsettled: true });
      expect(isThere).toBe(false);
      // From here on nothing of Skein's is committed that could wake the reader.
      await other.query("COMMIT");
      expect((await second).value).toMatchObject({ threadId: "second" });
      stop.abort();
      await other.end();
      await engine.close();
    });
  },
  { own: true },
);
