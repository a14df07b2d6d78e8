import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Part } from "../../model/part.ts";
import {
  create,
  EVERYBODY,
  extend,
  headOf,
  keyOf,
  reader,
  TENANT,
} from "../conformance/fixture.ts";
import { enqueue, originOf, redact, say } from "../conformance/message-fixture.ts";
import type { Store } from "../store.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { path, open, log, files } = storeFolder();

const SECRET = "xyzzysecret";
const PURGE = { op: "thread.purge", data: {} } as const;

function holding(word: string): readonly string[] {
  return [...files()].filter(([, text]) => text.includes(word)).map(([name]) => name);
}

test("a redaction leaves the text in no file, not even the journal, and keeps its digest", async () => {
  const store = open();
  const origin = await extend(store, "t", [
    create("t", { title: SECRET, titleOf: "a" }),
    say("a", SECRET),
  ]);
  await extend(store, "f", [create("f", { title: SECRET, titleOf: "a" }, originOf(origin))]);
  await extend(store, "t", [
    { op: "message.annotate", data: { messageId: "a", values: { note: SECRET } } },
    enqueue("q", `later ${SECRET}`),
  ]);
  expect(holding(SECRET)).not.toEqual([]);
  const [, before = ""] = readFileSync(log("t"), "utf8").split("\n");
  const digest = /"sha256":"([0-9a-f]{64})"\}$/u.exec(before)?.[1];
  await extend(store, "t", [redact("a")]);
  await extend(store, "t", [redact("q")]);
  expect(holding(SECRET)).toEqual([]);
  const [, after = ""] = readFileSync(log("t"), "utf8").split("\n");
  expect(after).toContain(`"erased":{"sha256":"${digest}"`);
  expect((await store.check({ repair: false })).problems).toEqual([]);
});

test("a purge leaves the file's tombstone and nothing that was said", async () => {
  const store = open();
  await extend(
    store,
    "t",
    [create("t", { title: SECRET, metadata: { note: SECRET } }), say("a", SECRET)],
    {
      operation: { user: "alice", opId: `op ${SECRET}`, digest: "d" },
    },
  );
  await extend(store, "t", [PURGE]);
  expect(holding(SECRET)).toEqual([]);
  expect(readFileSync(log("t"), "utf8").split("\n")).toHaveLength(3);
  await store.close();
  expect(await headOf(open(), "t")).toMatchObject({ version: 3, profile: { title: null } });
});

test("what a fork shows of a purged thread stays in its file, and goes with the last fork", async () => {
  const store = open();
  const origin = await extend(store, "t", [
    create("t"),
    say("a", "shared words"),
    say("last", "quoted by forks"),
  ]);
  await extend(store, "t", [say("b", SECRET)]);
  const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
  await extend(store, "g", [create("g", {}, originOf(fork))]);
  // The heir of a purged thread may annotate what it shares.
  await extend(store, "t", [PURGE]);
  await extend(store, "f", [
    { op: "message.annotate", data: { messageId: "a", values: { note: "kept note" } } },
  ]);
  expect(holding(SECRET)).toEqual([]);
  expect(holding("shared words")).toEqual(["threads/acme/t.jsonl"]);
  await extend(store, "f", [PURGE]);
  expect(holding("kept note")).toEqual(["threads/acme/f.jsonl"]);
  await extend(store, "g", [PURGE]);
  expect(holding("shared words")).toEqual([]);
  expect(holding("kept note")).toEqual([]);
  expect([...files().keys()].filter((name) => name.startsWith("kept"))).toEqual([]);
});

const BYTES = new TextEncoder().encode("binary content");
const SHA = "0f7d8e2b".repeat(8);
const FILE: Part = {
  type: "file",
  mediaType: "text/plain",
  source: { kind: "blob", sha256: SHA, sizeBytes: BYTES.length },
};

async function upload(store: Store): Promise<void> {
  const info = { sha256: SHA, sizeBytes: BYTES.length, mediaType: "text/plain" };
  await store.putBlob(reader("alice"), info, BYTES);
}

test("a blob is one file, which an index that is made again still finds", async () => {
  let store = open();
  await upload(store);
  await extend(store, "t", [create("t"), say("a", [FILE])]);
  expect(files().get(`blobs/acme/${SHA}`)).toBe("binary content");
  await store.close();
  rmSync(join(path(), "index"), { recursive: true });
  store = open();
  const later = Date.now() + 25 * 3_600_000;
  expect((await store.loadBlob(EVERYBODY, SHA, later))?.bytes).toEqual(BYTES);
  expect(await store.loadBlob(reader("mallory"), SHA, later)).toBeNull();
  expect((await store.loadBlob(reader("alice"), SHA, Date.now()))?.info.mediaType).toBe(
    "text/plain",
  );
});

test("a blob goes with the last message that has it, once its upload is forgotten", async () => {
  let store = open();
  await upload(store);
  await extend(store, "t", [create("t"), say("a", [FILE])]);
  await extend(store, "u", [create("u"), say("b", [FILE])]);
  await extend(store, "t", [redact("a")]);
  await extend(store, "u", [PURGE]);
  // Its uploader may still refer to it.
  expect((await store.loadBlob(reader("alice"), SHA, Date.now()))?.bytes).toEqual(BYTES);
  await store.close();
  const name = `uploads/acme/${SHA}.json`;
  const record = JSON.parse(files().get(name) ?? "{}");
  record.uploads = [["alice", Date.now() - 25 * 3_600_000]];
  writeFileSync(join(path(), name), JSON.stringify(record));
  store = open();
  await store.open();
  expect([...files().keys()].filter((file) => file.includes(SHA))).toEqual([]);
  expect(await store.loadBlob({ tenant: TENANT, user: null }, SHA, Date.now())).toBeNull();
  expect(await store.loadHeads([keyOf("t")])).toMatchObject([{ version: 3 }]);
});
