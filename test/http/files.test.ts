import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { startServer } from "./server.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skein-http-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("changes of files are listed, shown as diffs and taken back", async () => {
  const root = newFolder();
  await using server = await startServer({ root });
  const { thread } = await server.skein.create({ title: "Files" });
  const base = `/threads/${thread.id}/files`;
  await using workspace = trackedWorkspace({ root, skein: server.skein, threadId: thread.id });
  await workspace.write({ path: "a.txt", content: "one\n" }, { operationId: "w" });
  await workspace.edit({ path: "a.txt", find: "one", replace: "two" }, { operationId: "e" });

  const { body: list } = await server.get(`${base}/changes?limit=1`);
  expect(list).toMatchObject([
    {
      operation_id: "e",
      action: "edit",
      outcome: "done",
      run_id: null,
      edits: [{ path: "a.txt", before: { size_bytes: 4, mode: "644" }, moved_from: null }],
    },
  ]);
  const { headers } = await server.get(`${base}/changes?limit=1`);
  expect(headers.get("link")).toContain('rel="next"');
  expect((await server.get(`${base}/changes?operation_id=w`)).body).toHaveLength(1);
  const blob = await server.get(`/blobs/${list[0].edits[0].after.sha256}`);
  expect(blob.body).toBe("two\n");

  const diff = await server.get(`${base}/diff?change_id=${list[0].id}`);
  expect(diff.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(diff.body).toContain("-one\n+two\n");

  const dry = await server.post(`${base}/rollback`, { to_version: 1, dry_run: true });
  expect(dry.body).toMatchObject({ dry_run: true, operation_id: null, is_complete: false });
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("two\n");

  writeFileSync(join(root, "a.txt"), "by hand\n");
  const refused = await server.post(`${base}/rollback`, { operation_id: "e" });
  expect(refused).toMatchObject({
    status: 200,
    body: {
      is_complete: false,
      operation_id: null,
      files: [{ outcome: "refused", view: { base: "two\n", ours: "one\n", theirs: "by hand\n" } }],
    },
  });
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("by hand\n");
  const forced = await server.post(`${base}/rollback`, { operation_id: "e", force: true });
  expect(forced.body).toMatchObject({ is_complete: true, files: [{ outcome: "restored" }] });
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("one\n");
  const undone = await server.post(`${base}/rollback`, {
    operation_id: forced.body.operation_id,
  });
  expect(undone.body.is_complete).toBe(true);
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("by hand\n");
  expect(server.faults).toEqual([]);
});

test("nobody sees or takes back the changes of a thread that is not theirs", async () => {
  const root = newFolder();
  await using server = await startServer({ root, keys: "a:alice,b:bob" });
  const { thread } = await server.skein.create({ title: "Files" }, { userId: "alice" });
  await using workspace = trackedWorkspace({ root, skein: server.skein, threadId: thread.id });
  await workspace.write({ path: "a", content: "1" }, { userId: "alice", operationId: "w" });
  const base = `/threads/${thread.id}/files`;
  const alice = { authorization: "Bearer a" };
  const bob = { authorization: "Bearer b" };
  const [change] = (await server.get(`${base}/changes`, alice)).body;
  expect((await server.get(`${base}/changes`, bob)).body).toMatchObject({
    error: { code: "thread_not_found" },
  });
  expect((await server.get(`${base}/diff`, bob)).status).toBe(404);
  expect((await server.get(`/blobs/${change.edits[0].after.sha256}`, bob)).status).toBe(404);
  expect((await server.post(`${base}/rollback`, { operation_id: "w" }, bob)).status).toBe(404);
  await server.skein.setMember(thread.id, "bob", "viewer", { userId: "alice" });
  expect((await server.get(`${base}/changes`, bob)).body).toHaveLength(1);
  const viewed = await server.post(`${base}/rollback`, { operation_id: "w" }, bob);
  expect(viewed).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
  expect(readFileSync(join(root, "a"), "utf8")).toBe("1");
});

test("a rollback needs a workspace, one scope, and something to take back", async () => {
  await using plain = await startServer();
  const { thread } = await plain.skein.create();
  const path = `/threads/${thread.id}/files/rollback`;
  expect((await plain.post(path, { to_version: 0 })).body).toMatchObject({
    error: { code: "unsupported_capability" },
  });
  await using server = await startServer({ root: newFolder() });
  const other = await server.skein.create();
  const at = `/threads/${other.thread.id}/files/rollback`;
  expect((await server.post(at, {})).body.error.code).toBe("invalid_request");
  expect((await server.post(at, { to_version: 0, run_id: "r" })).body.error.code).toBe(
    "invalid_request",
  );
  expect(await server.post(at, { to_version: 0 })).toMatchObject({
    status: 404,
    body: { error: { code: "change_not_found" } },
  });
});
