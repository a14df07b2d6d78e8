import { createHash } from "node:crypto";
import type { Entry } from "../../model/entry.ts";
import { canonicalJson } from "../../model/json.ts";
import type { Json } from "../../model/json.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Store, ThreadKey } from "../store.ts";
import { blobsIn, blobsOf } from "./copy-blobs.ts";
import { allKept, allRuns, entryPages, stepsOf } from "./read-pages.ts";

/** Hashes of what a store tells of a thread, by kind. */
export interface ThreadDigest {
  readonly parts: Readonly<Record<string, string>>;
  readonly entries: number;
  readonly blobs: ReadonlySet<string>;
}

/** The log up to a version, and what is beside it when that is the newest one. Of an older one a redaction may have changed
 *  the entries since, so only what it leaves counts. Reads it once; memory is bounded but for what a trimmed thread kept and for
 *  its runs. */
export async function digestThread(
  store: Store,
  key: ThreadKey,
  head: ThreadHead,
  until: number,
  newest: number,
): Promise<ThreadDigest> {
  const isWhole = until === newest;
  const blobs = new Set<string>();
  const log = createHash("sha256");
  let entries = 0;
  for await (const page of entryPages(store, key, 0, until))
    for (const entry of page) {
      log.update(`${jsonOf(isWhole ? entry : identityOf(entry))}\n`);
      entries += 1;
      for (const sha256 of blobsOf(entry)) blobs.add(sha256);
    }
  const kept = await allKept(store, key);
  for (const { message } of kept) for (const sha256 of blobsIn(message.parts)) blobs.add(sha256);
  if (!isWhole) return { parts: { log: log.digest("hex") }, entries, blobs };
  const parts = { log: log.digest("hex"), "kept messages": hashOf(kept) };
  const runs = await allRuns(store, key);
  const beside = {
    head: hashOf(withoutQuotes(head)),
    runs: hashOf([runs, await stepsOf(store, key, runs)]),
    promises: hashOf(await store.listClaims(key, 1, head.version)),
    "text under way": hashOf(await chunksOf(store, key, head)),
  };
  return { parts: { ...parts, ...beside }, entries, blobs };
}

function identityOf({ version, op, at, actor, opId }: Entry): Json {
  return [version, op, at, actor, opId];
}

// A log of which something was redacted cannot say what was once quoted.
function withoutQuotes(head: ThreadHead): unknown {
  const { lastMessage: _lastMessage, queued, ...activity } = head.activity;
  const waiting = queued.map(({ preview: _preview, ...it }) => it);
  return { ...head, activity: { ...activity, queued: waiting } };
}

async function chunksOf(store: Store, key: ThreadKey, head: ThreadHead): Promise<unknown> {
  const open = head.activity.open.map(({ messageId }) => store.listChunks(key, messageId));
  return Promise.all(open);
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(jsonOf(value)).digest("hex");
}

/** Whatever a store answers is JSON, but for keys without a value. */
function jsonOf(value: unknown): string {
  const plain: Json = JSON.parse(JSON.stringify(value));
  return canonicalJson(plain);
}
