import type { Place } from "../../model/message.ts";
import type { Earlier, KeptMessage, ThreadWrite } from "../store.ts";
import { blobsIn } from "./blobs-in.ts";
import type { Cell } from "./cell.ts";
import { OP_CODES, ROLE_CODES } from "./codes.ts";
import type { KeptRecord, SegmentRecord, TrimRecord } from "./records.ts";
import { MAIN } from "../../model/thread.ts";

/** A trim is the only entry of its write. */
export function encodeTrim({
  key,
  entries,
  after,
  kept,
  earlier,
}: ThreadWrite): TrimRecord | undefined {
  const [entry] = entries;
  if (entry?.op !== "retention.trim") return undefined;
  const ends = Object.values(after.branches)
    .filter(({ position }) => position > 0)
    .map(({ segment: { threadId, number }, position, floor }) => {
      return { tenant: key.tenant, threadId, number, position, floorDepth: floor?.depth ?? 0 };
    });
  const { version } = entry;
  const trim = { version, ends };
  if (kept === undefined) return trim;
  const places = new Map(kept.map(({ message }) => [message.id, message.version]));
  const { givenIds = [], operations = [] } = earlier ?? {};
  const given = givenIds.map((it) => [it.id, it.version, places.get(it.id) ?? it.version] as const);
  return { ...trim, kept: encodeKept(kept, earlier), earlier: { given, operations } };
}

function encodeKept(
  kept: readonly KeptMessage[],
  earlier: Earlier | undefined,
): readonly KeptRecord[] {
  const given = new Set(earlier?.givenIds.map(({ id }) => id));
  const segments = new Set<number>();
  return kept
    .toSorted((a, b) => (a.place?.position ?? 0) - (b.place?.position ?? 0))
    .map(({ message, place, isReleased = false }) => {
      const isFirst = place !== null && !segments.has(place.segment.number);
      if (isFirst) segments.add(place.segment.number);
      return {
        messageId: message.id,
        version: message.version,
        entry: rowOf({ message, place }, given.has(message.id)),
        isReleased,
        ...(isFirst && { segment: segmentOf(place) }),
        blobs: blobsIn(message.parts, message.id),
      };
    })
    .sort((a, b) => a.version - b.version);
}

/** Its row says all that other rows may not say any more. The log does not show it, so nobody asks whose entry it was. */
function rowOf(
  { message, place }: Pick<KeptMessage, "message" | "place">,
  isGiven: boolean,
): readonly Cell[] {
  const { id, role, version, createdAt, turnId, parentId, status, ...rest } = message;
  const { threadId: _threadId, depth: _depth, ...body } = rest;
  return [
    version,
    opOf(message, place),
    createdAt,
    place?.segment.number ?? null,
    place?.position ?? null,
    ROLE_CODES[role],
    isGiven ? 1 : null,
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
