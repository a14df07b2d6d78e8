import { expect, test } from "vitest";
import { startServer } from "./server.ts";

test("a key of all users sweeps, one of a user does not", async () => {
  let now = Date.UTC(2026, 0, 1);
  await using server = await startServer({ keys: "all:*,own:alice", clock: () => now });
  const all = { authorization: "Bearer all" };
  const own = { authorization: "Bearer own" };
  const opened = await server.post("/threads/open", { session: "s", expires_in: "1h" }, own);
  expect(opened).toMatchObject({
    status: 201,
    body: { alias: "session:s", kind: "session", expires_at: "2026-01-01T01:00:00.000Z" },
  });
  const again = await server.post("/threads/open", { alias: "session:s" }, own);
  expect(again).toMatchObject({ status: 200, body: { id: opened.body.id } });
  now += 3_600_000;
  expect((await server.post("/sweep", {}, own)).status).toBe(403);
  const counts = { archived: 0, deleted: 1, purged: 0, held: 0, busy: 0, failed: 0 };
  const dry = await server.post("/sweep", { dry_run: true }, all);
  expect(dry).toMatchObject({ status: 200, body: { dry_run: true, ...counts } });
  expect((await server.get(`/threads/${opened.body.id}`, own)).status).toBe(200);
  expect((await server.post("/sweep", {}, all)).body).toMatchObject({ dry_run: false, ...counts });
  expect((await server.get(`/threads/${opened.body.id}`, own)).status).toBe(410);
  const next = await server.post("/threads/open", { session: "s" }, own);
  expect(next.status).toBe(201);
  expect(next.body.id).not.toBe(opened.body.id);
  expect((await server.post("/threads/open", { alias: "a", session: "b" }, own)).status).toBe(400);
});
