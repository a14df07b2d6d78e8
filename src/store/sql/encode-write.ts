import { messageOf } from "../../model/entry.ts";
import type { Chain, ThreadWrite } from "../store.ts";
import { encodeEntry } from "./encode-entry.ts";
import { encodeRare } from "./encode-rare.ts";
import { encodeHot } from "./head-codec.ts";
import type { ChainRecord, WriteRecord } from "./records.ts";

export function encodeChains(chains: readonly Chain[]): readonly ChainRecord[] {
  return chains.map((chain) => chain.map(({ writes }) => writes.map(encodeWrite)));
}

/** Pure, and the dear part of a commit (JSON): runs on the caller's thread. */
function encodeWrite(write: ThreadWrite): WriteRecord {
  const { key, base, before, after } = write;
  const given = new Set(write.givenIds);
  let opId: string | undefined;
  const entries = write.entries.map((entry) => {
    const id = given.size === 0 ? undefined : messageOf(entry)?.id;
    const row = encodeEntry(entry, opId, id !== undefined && given.has(id));
    opId = entry.opId;
    return row;
  });
  const { updatedAt, status, hot } = encodeHot(after);
  const { tenant, id } = key;
  const rare = encodeRare(write);
  const { version, activity } = after;
  const quoted = activity.lastMessage;
  const isKept = quoted !== null && quoted.id === before?.activity.lastMessage?.id;
  const kept = isKept && { kept: quoted.id };
  return { tenant, id, base, version, updatedAt, status, hot, ...kept, entries, rare };
}
