import type { Entry } from "../../model/entry.ts";
import { blobsOfRecord } from "../../model/file-change.ts";
import { messageOf } from "../../model/entry.ts";
import type { Part } from "../../model/part.ts";
import { preview } from "../../model/title.ts";
import { withoutPayload } from "../memory/fold-message.ts";
import { erasedEntry } from "../memory/redact.ts";
import type { KeptMessage } from "../trim.ts";
import type { LogLine } from "./log-line.ts";

/** What has to go from the logs because of an entry: what a message said, or what a purge or a trim lets go of. Carried
 *  out before the commit is acknowledged, or at the next opening. */
export type Erasure =
  | {
      readonly kind: "redact";
      readonly tenant: string;
      readonly threadId: string;
      readonly messageId: string;
    }
  | { readonly kind: "hollow"; readonly tenant: string; readonly threadId: string };

export type ReadLine = LogLine & { readonly sha256: string };

export function erasureOf(tenant: string, entry: Entry): Erasure | undefined {
  const { threadId } = entry;
  if (entry.op === "thread.purge" || entry.op === "retention.trim")
    return { kind: "hollow", tenant, threadId };
  if (entry.op !== "message.redact") return undefined;
  return { kind: "redact", tenant, threadId, messageId: entry.data.messageId };
}

/** The line without what it says about redacted messages; the same line when it says nothing.
 *  @param sha256  of the line as it is */
export function redactedLine<T extends LogLine>(
  line: T,
  isRedacted: (messageId: string) => boolean,
  sha256: string,
): T | LogLine {
  const entry = erasedEntry(line.entry, isRedacted);
  const kept = line.note.kept?.map((it): KeptMessage =>
    isRedacted(it.message.id)
      ? { ...it, message: { ...withoutPayload(it.message), redacted: true } }
      : it,
  );
  const isSame = entry === line.entry || isEqual(entry, line.entry);
  if (isSame && isEqual(kept, line.note.kept)) return line;
  const { erased } = line.note;
  const hadText = erased?.hadText === true || hasPreview(line.entry);
  const note = {
    ...line.note,
    ...(kept && { kept }),
    erased: { sha256: erased?.sha256 ?? sha256, ...(hadText && { hadText }) },
  };
  return { entry, note };
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** SHA-256 of the blobs that a line refers to. */
export function blobsIn({ entry, note }: LogLine): readonly string[] {
  const kept = (note.kept ?? []).flatMap(({ message }) => message.parts);
  const inParts = [...partsIn(entry), ...kept].flatMap((part) =>
    part.type === "file" && part.source.kind === "blob" ? [part.source.sha256] : [],
  );
  const isOfFiles = entry.op === "file.change" || entry.op === "file.rollback";
  return isOfFiles ? [...inParts, ...blobsOfRecord(entry.data)] : inParts;
}

function hasPreview(entry: Entry): boolean {
  return preview(partsIn(entry)) !== null;
}

function partsIn(entry: Entry): readonly Part[] {
  if (entry.op === "message.commit") return entry.data.parts;
  return messageOf(entry)?.parts ?? [];
}
