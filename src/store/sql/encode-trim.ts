import type { Place } from "../../model/message.ts";
import type { KeptMessage, ThreadWrite } from "../store.ts";
import { blobsIn } from "./blobs-in.ts";
import type { Cell } from "./cell.ts";
import { OP_CODES, ROLE_CODES } from "./codes.ts";
import type { KeptRecord, SegmentRecord, TrimRecord } from "./records.ts";
import { MAIN } from "../../model/thread.ts";

/** A trim is the only entry of its write. */
export function encodeTrim({ key, entries, after, kept }: ThreadWrite): TrimRecord | undefined {
  const [entry] = entries;
  if (entry?.op !== "retention.trim") return undefined;
  const ends = Object.values(after.branches)
    .filter(({ position }) => position > 0)
    .map(({ segment: { threadId, number }, position, floor }) => {
      return { tenant: key.tenant, threadId, number, position, floorDepth: floor?.depth ?? 0 };
    });
  const { version } = entry;
  return { version, ends, ...(kept !== undefined && { kept: encodeKept(kept) }) };
}

function encodeKept(kept: readonly KeptMessage[]): readonly KeptRecord[] {
  const segments = new Set<number>();
  return kept
    .toSorted((a, b) => (a.place?.position ?? 0) - (b.place?.position ?? 0))
    .map(({ message, place, isReleased = false }) => {
      const isFirst = place !== null && !segments.has(place.segment.number);
      if (isFirst) segments.add(place.segment.number);
      return {
        messageId: message.id,
        version: message.version,
        entry: rowOf({ message, place }),
        isReleased,
        ...(isFirst && { segment: segmentOf(place) }),
        blobs: blobsIn(message.parts, message.id),
      };
    })
    .sort((a, b) => a.version - b.version);
}

/** Its row says all that other rows may not say any more. The log does not show it, so nobody asks whose entry it was. */
function rowOf({ message, place }: Pick<KeptMessage, "message" | "place">): readonly Cell[] {
  const { id, role, version, createdAt, turnId, parentId, status, ...rest } = message;
  const { threadId: _threadId, depth: _depth, ...body } = rest;
  return [
    version,
    opOf(message, place),
    createdAt,
    place?.segment.number ?? null,
    place?.position ?? null,
    ROLE_CODES[role],
    null,
    null,
    id,
    turnId === id ? null : turnId,
    parentId,
    null,
    "",
    place === null || place.branch === MAIN ? null : place.branch,
    place === null || place.pending.length === 0 ? null : JSON.stringify(place.pending),
    JSON.stringify({ ...(status !== "completed" && { status }), ...body }),
  ];
}

function opOf({ status }: KeptMessage["message"], place: Place | null): number {
  if (place === null) return OP_CODES["message.enqueue"];
  return OP_CODES[status === "in_progress" ? "message.open" : "message.append"];
}

function segmentOf({ segment, position, depth, continues }: Place): SegmentRecord {
  const parent =
    continues === undefined ? null : { ...continues.segment, position: continues.position };
  return { number: segment.number, startDepth: depth - position + 1, parent };
}
