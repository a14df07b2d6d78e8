import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import { bytesAt, numberAt, textAt } from "./cell.ts";
import type { Cell, Row } from "./cell.ts";
import { INCLUDES } from "./included.ts";
import type { Fragment } from "./list-of.ts";
import { visibleTo } from "./load-heads.ts";
import { row } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { UPLOAD_READABLE_MS, uploaderOf } from "./write-blobs.ts";

export interface LoadedBlob {
  readonly info: BlobInfo;
  readonly bytes: Uint8Array;
}

/** A blob for whoever uploaded it lately, or may read a message that has it: in the thread that wrote it, or in a fork that
 *  includes it. One statement, two for what only a fork shows. */
export function* loadBlob(reader: Reader, sha256: string, now: number): Plan<LoadedBlob | null> {
  const key = [reader.tenant, sha256];
  const visible = visibleTo(reader.user);
  const found =
    (yield* blobIf(key, {
      sql: `EXISTS (SELECT 1 FROM skein_blob_upload u
          WHERE u.tenant = ? AND u.sha256 = ? AND u.user_id = ? AND u.at > ?)
        OR EXISTS (SELECT 1 FROM skein_blob_ref r JOIN skein_thread t ON t.tid = r.tid
          WHERE r.tenant = ? AND r.sha256 = ? AND r.released IS NULL AND ${visible.sql})`,
      parameters: [
        ...key,
        uploaderOf(reader),
        now - UPLOAD_READABLE_MS,
        ...key,
        ...visible.parameters,
      ],
    })) ?? (yield* blobIf(key, includedBlob(key, visible)));
  if (found === undefined) return null;
  const info = { sha256, sizeBytes: numberAt(found, 0), mediaType: textAt(found, 1) };
  return { info, bytes: bytesAt(found, 2) };
}

function blobIf(key: readonly Cell[], { sql, parameters }: Fragment): Plan<Row | undefined> {
  return row(
    `SELECT b.size, b.media_type, b.bytes FROM skein_blob b
     WHERE b.tenant = ? AND b.sha256 = ? AND (${sql})`,
    ...key,
    ...parameters,
  );
}

/** Ids that the engine made, and those that callers chose, are found in different places. */
function includedBlob(key: readonly Cell[], visible: Fragment): Fragment {
  const included = `JOIN skein_inclusion i ON ${INCLUDES}
    JOIN skein_thread t ON t.tid = i.tid
    WHERE r.tenant = ? AND r.sha256 = ? AND ${visible.sql}`;
  const parameters = [...key, ...visible.parameters];
  return {
    sql: `EXISTS (SELECT 1 FROM skein_blob_ref r JOIN skein_entry e ON e.mid = r.mid
        AND e.role IS NOT NULL AND e.given IS NULL AND e.tid = r.tid ${included})
      OR EXISTS (SELECT 1 FROM skein_blob_ref r
        JOIN skein_given_id g ON g.tenant = r.tenant AND g.id = r.mid AND g.tid = r.tid
        JOIN skein_entry e ON e.tid = g.tid AND e.version = g.place ${included})`,
    parameters: [...parameters, ...parameters],
  };
}
