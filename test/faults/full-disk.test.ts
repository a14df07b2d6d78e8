import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { createEngine, sqliteStore } from "../../src/index.ts";
import type { Engine, Store } from "../../src/index.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createWorkspace } from "../cli/workspace.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { ownServer } from "../support/servers/servers.ts";
import { unprivileged } from "../support/servers/unprivileged.ts";
import { describeDisk } from "./describe-disk.ts";
import { mountDisk } from "./small-disk.ts";

const MEGABYTE = 1_048_576;
// Indexing words that are all different takes several times their room: what is given back is plenty.
const DISK = 96 * MEGABYTE;
const BALLAST = 84 * MEGABYTE;

/** Appends until the disk is full; then makes room, and goes on. */
async function fill(store: Store, makeRoom: () => void): Promise<void> {
  const engine = createEngine({ store });
  try {
    await engine.create({ id: "t" });
    let acknowledged = 0;
    const failure = await appendUntilRefused(engine, () => void (acknowledged += 1));
    expect(failure).toMatchObject({
      code: "store_full",
      message: expect.stringMatching(/disk.*Nothing of the call was written\.$/u),
    });
    expect(await whole(engine)).toBe(acknowledged);
    makeRoom();
    await engine.append("t", { messages: [{ content: "there is room again" }] });
    expect(await whole(engine)).toBe(acknowledged + 1);
    expect((await engine.check()).problems).toEqual([]);
  } finally {
    await engine.close();
  }
}

/** Closes what is full, and opens it again when there is room. */
async function closeFull(open: () => Store, makeRoom: () => void): Promise<void> {
  const engine = createEngine({ store: open() });
  await engine.create({ id: "t" });
  let acknowledged = 0;
  await appendUntilRefused(engine, () => void (acknowledged += 1));
  await engine.close();
  makeRoom();
  const again = createEngine({ store: open() });
  expect(await whole(again)).toBe(acknowledged);
  expect((await again.check()).problems).toEqual([]);
  await again.close();
}

async function appendUntilRefused(engine: Engine, onAcknowledged: () => void): Promise<unknown> {
  for (;;)
    try {
      // What can be compressed takes no room.
      const content = randomBytes(22_500).toString("base64");
      await engine.append("t", { messages: [{ content }] });
      onAcknowledged();
    } catch (error) {
      return error;
    }
}

/** How many messages there are, which nothing half-written is among. */
async function whole(engine: Engine): Promise<number> {
  const { total, version } = await engine.messages("t", { limit: 1 });
  // The first message brings a title.
  expect(version).toBe(total + 2);
  return total;
}

const local: Readonly<Record<string, (folder: string) => Store>> = {
  sqlite: (folder) => sqliteStore({ path: join(folder, "skein.db") }),
  "sqlite with threads": (folder) => sqliteStore({ path: join(folder, "skein.db"), threads: true }),
  file: (folder) => fileStore({ path: join(folder, "threads") }),
};

describeDisk("a full disk", () => {
  test.for(Object.entries(local))(
    "under %s fails what does not fit as a whole, and nothing after there is room",
    { timeout: 120_000 },
    async ([, open]) => {
      using disk = mountDisk(DISK);
      const ballast = join(disk.path, "ballast");
      writeFileSync(ballast, Buffer.alloc(BALLAST));
      await fill(open(disk.path), () => rmSync(ballast));
    },
  );

  test.for(Object.entries(local))(
    "under %s lets it close, and open again when there is room",
    { timeout: 120_000 },
    async ([, open]) => {
      using disk = mountDisk(DISK);
      const ballast = join(disk.path, "ballast");
      writeFileSync(ballast, Buffer.alloc(BALLAST));
      await closeFull(
        () => open(disk.path),
        () => rmSync(ballast),
      );
    },
  );

  test("and a read-only one are told by the command line", { timeout: 120_000 }, async () => {
    using disk = mountDisk(MEGABYTE);
    await using workspace = await createWorkspace();
    const add = async (store: string) => {
      const env = { SKEIN_STORE: store };
      const { code, stdout, stderr } = await workspace.skein(["threads", "new"], { env });
      const served = await workspace.skein(["serve", "--port", "0"], { env });
      expect([served.code, served.stdout, served.stderr]).toEqual([code, "", stderr]);
      expect([stdout, stderr]).toEqual(["", expect.stringMatching(/^skein: [^\n]+\.\n$/u)]);
      return { code, stderr };
    };
    writeFileSync(join(disk.path, "ballast"), Buffer.alloc(MEGABYTE - 8_192));
    for (const store of [`sqlite:${disk.path}/skein.db`, `file:${disk.path}/threads`])
      expect(await add(store)).toEqual({
        code: 1,
        stderr: expect.stringContaining("disk is full"),
      });
    disk.makeReadOnly();
    for (const store of [
      `sqlite:${disk.path}/skein.db`,
      `sqlite:${disk.path}/below/skein.db`,
      `file:${disk.path}/threads`,
      `file:${disk.path}/below/threads`,
    ])
      expect(await add(store)).toEqual({ code: 2, stderr: expect.stringContaining(disk.path) });
  });
});

await describeServer(
  "postgres",
  "PostgreSQL",
  () => {
    describeDisk("on a full disk", () => {
      test("fails what does not fit as a whole", { timeout: 120_000 }, async () => {
        const account = (await unprivileged()) ?? { uid: 0, gid: 0 };
        using disk = mountDisk(48 * MEGABYTE, [
          `uid=${account.uid}`,
          `gid=${account.gid}`,
          "mode=700",
        ]);
        await using server = await ownServer("postgres");
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        await client.query(`CREATE TABLESPACE small LOCATION '${disk.path}'`);
        await client.query("CREATE DATABASE small TABLESPACE small");
        await client.end();
        const ballast = join(disk.path, "ballast");
        writeFileSync(ballast, Buffer.alloc(16 * MEGABYTE));
        const url = new URL(server.url);
        url.pathname = "/small";
        await fill(postgresStore(url.href), () => rmSync(ballast));
      });
    });
  },
  { own: true },
);
