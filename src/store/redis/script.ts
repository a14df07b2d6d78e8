import { createHash } from "node:crypto";
import * as beside from "./lua/beside.ts";
import { BASE } from "./lua/base.ts";
import { IS_LISTED, RELIST, STRAYS } from "./lua/check.ts";
import { LIST_CLAIMS, LIST_NAMES, WRITE_CLAIMS } from "./lua/claims.ts";
import { COMMIT } from "./lua/commit.ts";
import { BLOB_TIMES, ERASE, PURGE } from "./lua/erase.ts";
import { FACTS } from "./lua/facts.ts";
import { MESSAGES, WALK } from "./lua/messages.ts";
import { PATH } from "./lua/path.ts";
import { INCLUDE, LIST_KEPT, TRIM } from "./lua/trim.ts";
import * as read from "./lua/read.ts";
import * as runs from "./lua/runs.ts";
import { PROLONG, WRITE, WRITE_BESIDE } from "./lua/write.ts";

/** A program that runs on the server, whole and alone. */
export interface Script {
  readonly text: string;
  /** What the server knows it by. */
  readonly sha1: string;
}

// With this first line the server refuses the script before it starts when it is out of memory or cannot write to its
// disk, so that it never stops in the middle.
function writing(...parts: readonly string[]): Script {
  return scriptOf(["#!lua", BASE, ...parts]);
}

/** Also when the server is out of memory: for what frees some, and for what takes a few bytes so that others can. */
function evenIfFull(...parts: readonly string[]): Script {
  return scriptOf(["#!lua flags=allow-oom", BASE, ...parts]);
}

function reading(...parts: readonly string[]): Script {
  return scriptOf(["#!lua flags=no-writes", BASE, ...parts]);
}

function scriptOf(parts: readonly string[]): Script {
  const text = parts.join("\n");
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

export type ScriptName =
  | "commit"
  | "commitErasure"
  | "heads"
  | "relatives"
  | "list"
  | "feed"
  | "entries"
  | "messages"
  | "path"
  | "listNames"
  | "listKept"
  | "listClaims"
  | "facts"
  | "loadRun"
  | "listRuns"
  | "threadOfRun"
  | "listSteps"
  | "runsIn"
  | "dueThreads"
  | "appendChunks"
  | "listChunks"
  | "putBlob"
  | "loadBlob"
  | "lock"
  | "unlock"
  | "reap"
  | "isListed"
  | "relist"
  | "strays"
  | "identify"
  | "beat"
  | "acquire"
  | "release";

const COMMITTING = [
  MESSAGES,
  WALK,
  BLOB_TIMES,
  ERASE,
  PURGE,
  INCLUDE,
  WRITE,
  WRITE_BESIDE,
  WRITE_CLAIMS,
  TRIM,
  PROLONG,
  COMMIT,
] as const;

export const SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  commit: writing(...COMMITTING),
  commitErasure: evenIfFull(...COMMITTING),
  heads: reading(read.HEADS),
  relatives: reading(read.RELATIVES),
  list: reading(read.LIST),
  feed: reading(read.FEED),
  entries: reading(read.ENTRIES),
  messages: reading(MESSAGES, read.LOAD_MESSAGES),
  path: reading(MESSAGES, WALK, PATH),
  listNames: reading(LIST_NAMES),
  listKept: reading(MESSAGES, WALK, LIST_KEPT),
  listClaims: reading(LIST_CLAIMS),
  facts: reading(MESSAGES, WALK, FACTS),
  loadRun: reading(runs.LOAD_RUN),
  listRuns: reading(runs.LIST_RUNS),
  threadOfRun: reading(runs.THREAD_OF_RUN),
  listSteps: reading(runs.LIST_STEPS),
  runsIn: reading(runs.RUNS_IN),
  dueThreads: reading(runs.DUE_THREADS),
  appendChunks: writing(MESSAGES, PROLONG, beside.APPEND_CHUNKS),
  listChunks: reading(beside.LIST_CHUNKS),
  putBlob: writing(BLOB_TIMES, beside.PUT_BLOB),
  loadBlob: reading(MESSAGES, BLOB_TIMES, beside.LOAD_BLOB),
  lock: evenIfFull(beside.LOCK),
  unlock: evenIfFull(beside.UNLOCK),
  reap: evenIfFull(MESSAGES, BLOB_TIMES, ERASE, PURGE, beside.REAP),
  isListed: reading(IS_LISTED),
  relist: writing(RELIST),
  strays: reading(STRAYS),
  identify: evenIfFull(beside.IDENTIFY),
  beat: evenIfFull(beside.BEAT),
  acquire: evenIfFull(beside.ACQUIRE),
  release: evenIfFull(beside.RELEASE),
};
