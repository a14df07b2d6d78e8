import type { JsonObject } from "../../model/json.ts";

/** Names a thread of a store. Less than 300 bytes of JSON for ids of usual length; no address, no secret. */
export interface ThreadReference {
  readonly type: "skein.thread";
  readonly version: 1;
  readonly store_id: string;
  readonly thread_id: string;
  /** The version that the thread had. */
  readonly thread_version: number;
}

/** A thread that needs no store: branches, messages, ended runs, state, metadata, files. JSON in snake_case, with times in ISO
 *  8601; `docs/portable-threads.md` describes every field. Holds no address with a password. */
export interface ThreadExport {
  readonly type: "skein.export";
  readonly version: 1;
  /** Of the canonical JSON of all other fields: what was damaged or changed is refused. It proves no origin. */
  readonly sha256: string;
  readonly store_id: string;
  readonly exported_at: string;
  readonly thread: JsonObject;
  readonly messages: readonly JsonObject[];
  readonly branches: readonly JsonObject[];
  readonly runs: readonly JsonObject[];
  readonly blobs: readonly ExportedBlob[];
}

export interface ExportedBlob {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  /** Absent: only named; whoever resumes has to have it. */
  readonly base64?: string;
}
