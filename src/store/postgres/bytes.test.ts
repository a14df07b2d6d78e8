import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { createEngine } from "../../engine/create-engine.ts";
import { postgresStore } from "./postgres-store.ts";

await describeServer("postgres", "bytes on PostgreSQL", () => {
  test.each(["hex", "escape"])("are the same when the database answers in %s", async (form) => {
    const url = await postgresUrl();
    const client = new pg.Client(url);
    await client.connect();
    const { pathname } = new URL(url);
    await client.query(`ALTER DATABASE "${pathname.slice(1)}" SET bytea_output = '${form}'`);
    await client.end();
    const engine = createEngine({ store: postgresStore(url) });
    onTestFinished(() => engine.close());
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (const bytes of [all, Buffer.from("\\x00\\\\134"), randomBytes(10_000)]) {
      const { sha256 } = await engine.putBlob(bytes, "application/octet-stream");
      const blob = await engine.getBlob(sha256);
      expect(bytes.equals(blob.bytes)).toBe(true);
    }
  });
});
