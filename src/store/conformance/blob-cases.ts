import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { FileState } from "../../model/file-change.ts";
import type { FilePart } from "../../model/part.ts";
import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import type { Store } from "../store.ts";
import { SHARED_FORKS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, EVERYBODY, existing, extend, reader } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { close, open, originOf, redact, say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";

const HOUR_MS = 3_600_000;
const BYTES: Uint8Array = new Uint8Array([0, 1, 2, 253, 254, 255, 0, 10, 13]);
const UPLOADER = reader("uploader");

export const BLOB_CASES: readonly ConformanceCase[] = [
  {
    name: "a blob comes back to its uploader byte by byte",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (const bytes of [BYTES, new Uint8Array(0), new Uint8Array(1_500_000).fill(7)]) {
        const info = infoOf(bytes);
        await store.putBlob(UPLOADER, info, bytes);
        const blob = existing(await store.loadBlob(UPLOADER, info.sha256, Date.now()));
        assert.deepEqual(blob.info, info);
        assert.deepEqual(Buffer.from(blob.bytes), Buffer.from(bytes));
      }
    },
  },
  {
    name: "a blob that nobody put does not exist",
    run: async ({ openStore }) => {
      const store = await openStore();
      assert.equal(await store.loadBlob(EVERYBODY, "0".repeat(64), Date.now()), null);
    },
  },
  {
    name: "an upload is hidden from other users and tenants",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await put(store);
      await extend(store, "t", [create("t", { owner: "mallory" }), say("m", "no file here")]);
      for (const stranger of [reader("mallory"), { tenant: "globex", user: UPLOADER.user }])
        assert.equal(await canLoad(store, stranger, info), false);
    },
  },
  {
    name: "an uploader may read the blob for 24 hours without a thread, and longer after putting it again",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = Date.now();
      const info = await put(store);
      assert.equal(await canLoad(store, UPLOADER, info, before + 23 * HOUR_MS), true);
      assert.equal(await canLoad(store, UPLOADER, info, Date.now() + 24 * HOUR_MS + 1), false);
      await store.putBlob(UPLOADER, info, BYTES);
      assert.equal(await canLoad(store, UPLOADER, info, before + 23 * HOUR_MS), true);
    },
  },
  {
    name: "two uploaders of the same bytes may both read them",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await put(store);
      await store.putBlob(reader("second"), info, BYTES);
      assert.equal(await canLoad(store, UPLOADER, info), true);
      assert.equal(await canLoad(store, reader("second"), info), true);
    },
  },
  {
    name: "whoever may see a thread may read the blobs that it refers to, at any time",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await put(store);
      const later = Date.now() + 1_000 * HOUR_MS;
      await extend(store, "t", [
        create("t", { members: { bob: "viewer" } }),
        say("m", [fileOf(info)]),
      ]);
      for (const user of [reader("alice"), reader("bob"), EVERYBODY])
        assert.equal(await canLoad(store, user, info, later), true);
      assert.equal(await canLoad(store, reader("mallory"), info), false);
      assert.equal(await canLoad(store, { tenant: "globex", user: null }, info), false);
      await extend(store, "t", [{ op: "member.remove", data: { user: "bob" } }]);
      assert.equal(await canLoad(store, reader("bob"), info, later), false);
    },
  },
  {
    name: "a thread may refer to a blob before it is put",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = infoOf(BYTES);
      await extend(store, "t", [create("t"), say("m", [fileOf(info)])]);
      assert.equal(await canLoad(store, reader("alice"), info), false);
      await put(store);
      assert.equal(await canLoad(store, reader("alice"), info), true);
    },
  },
  {
    name: "a blob that a run wrote is readable through its thread",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await put(store);
      await extend(store, "t", [create("t"), startRun("r1"), open("m", "r1")]);
      assert.equal(await canLoad(store, reader("alice"), info), false);
      await extend(store, "t", [close("m", [fileOf(info)])]);
      assert.equal(await canLoad(store, reader("alice"), info), true);
    },
  },
  {
    name: "the reader of a fork may read the blobs that it includes, and no later ones",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const included = await put(store);
      const later = await put(store, new Uint8Array([9, 9, 9]));
      const origin = await extend(store, "t", [create("t"), say("a", [fileOf(included)])]);
      await extend(store, "t", [say("b", [fileOf(later)])]);
      await extend(store, "f", [create("f", { owner: "bob" }, originOf(origin))]);
      assert.equal(await canLoad(store, reader("bob"), included), true);
      assert.equal(await canLoad(store, reader("bob"), later), false);
    },
  },
  {
    name: "a redacted message gives no right to its blob any more",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await put(store);
      await extend(store, "t", [create("t"), say("a", [fileOf(info)]), say("b", [fileOf(info)])]);
      await extend(store, "t", [redact("a")]);
      assert.equal(await canLoad(store, reader("alice"), info), true);
      await extend(store, "t", [redact("b")]);
      assert.equal(await canLoad(store, reader("alice"), info), false);
    },
  },
  {
    name: "a purged thread gives no right to its blobs any more",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await put(store);
      await extend(store, "t", [create("t"), say("a", [fileOf(info)])]);
      await extend(store, "t", [{ op: "thread.purge", data: {} }]);
      assert.equal(await canLoad(store, reader("alice"), info), false);
      await put(store);
      assert.equal(await canLoad(store, reader("alice"), info), false);
    },
  },
  {
    name: "what a file was is readable through the thread whose log names it, until the log lets go of it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const [kept, manifest, unkept] = [
        await put(store),
        await put(store, new Uint8Array([1])),
        await put(store, new Uint8Array([2])),
      ];
      const later = Date.now() + 1_000 * HOUR_MS;
      const loadable = (who: Reader): Promise<readonly boolean[]> =>
        Promise.all([kept, manifest, unkept].map((info) => canLoad(store, who, info, later)));
      await extend(store, "t", [create("t"), changeOf(kept, manifest, unkept)]);
      await extend(store, "u", [create("u", { owner: "bob" }), changeOf(kept)]);
      assert.deepEqual(await loadable(reader("alice")), [true, true, false]);
      assert.deepEqual(await loadable(reader("bob")), [true, false, false]);
      assert.deepEqual(await loadable(reader("mallory")), [false, false, false]);
      await extend(store, "t", [{ op: "thread.purge", data: {} }]);
      assert.deepEqual(await loadable(EVERYBODY), [true, false, false]);
      await extend(store, "u", [
        ({ profile: { files: _files, ...profile }, activity, branches }) => ({
          op: "retention.trim",
          data: {
            policy: { keepLast: 1 },
            trimmed: {},
            snapshot: {
              profile: { ...profile, trim: { version: 3, floors: [] } },
              activity,
              branches,
            },
          },
        }),
      ]);
      assert.deepEqual(await loadable(EVERYBODY), [false, false, false]);
    },
  },
];

function changeOf(info: BlobInfo, manifest?: BlobInfo, unkept?: BlobInfo): Change {
  const state = ({ sha256, sizeBytes }: BlobInfo): FileState => ({
    sha256,
    sizeBytes,
    mode: 0o644,
    isBinary: true,
    isKept: sha256 !== unkept?.sha256,
  });
  return {
    op: "file.change",
    data: {
      phase: "begin",
      changeId: "fc1",
      workspace: "ws1",
      operationId: "op",
      action: "track",
      edits: [{ path: "a.bin", before: unkept ? state(unkept) : null, after: state(info) }],
      ...(manifest && { manifest: manifest.sha256 }),
      previous: 0,
    },
  };
}

function infoOf(bytes: Uint8Array): BlobInfo {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { sha256, sizeBytes: bytes.length, mediaType: "application/octet-stream" };
}

async function put(store: Store, bytes: Uint8Array = BYTES): Promise<BlobInfo> {
  const info = infoOf(bytes);
  await store.putBlob(UPLOADER, info, bytes);
  return info;
}

async function canLoad(
  store: Store,
  as: Reader,
  { sha256 }: BlobInfo,
  now: number = Date.now(),
): Promise<boolean> {
  return (await store.loadBlob(as, sha256, now)) !== null;
}

function fileOf({ sha256, sizeBytes, mediaType }: BlobInfo): FilePart {
  return { type: "file", mediaType, source: { kind: "blob", sha256, sizeBytes } };
}
