import type { BlobInfo } from "../../store/blob.ts";
import type { CreateCommand } from "../../model/command.ts";
import type { ThreadContent } from "../../model/thread-content.ts";
import type { ReadExport } from "./export-schema.ts";

/** What is brought, whatever form it came in. */
export interface Packed {
  readonly threadId: string;
  readonly profile: Pick<
    CreateCommand,
    "title" | "titleSource" | "titleOf" | "agentId" | "kind" | "metadata" | "tags"
  >;
  /** Made by another program, which knows nothing of when the thread began. */
  readonly isForeign: boolean;
  /** Absent: the form names a thread and has nothing of it. */
  readonly content?: ThreadContent;
  readonly blobs: readonly (BlobInfo & { readonly bytes?: Uint8Array })[];
}

export interface PackedThread extends Packed {
  readonly content: ThreadContent;
}

/** An export that was found whole. */
export function packedOf({ thread, messages, branches, runs, ...rest }: ReadExport): PackedThread {
  const { title, titleSource, titleOf, agentId, kind, metadata, tags } = thread;
  const { storeId, sha256, exportedAt } = rest;
  return {
    threadId: thread.id,
    isForeign: false,
    profile: {
      ...(title !== null && { title, titleSource }),
      ...(titleOf !== undefined && { titleOf }),
      ...(agentId !== null && { agentId }),
      kind,
      metadata,
      tags,
    },
    content: {
      createdAt: thread.createdAt,
      isArchived: thread.archivedAt !== null,
      state: thread.state,
      messages: messages.map((message) => ({ ...message, isGivenId: !isMinted(message.id) })),
      branches,
      runs,
      origin: {
        store_id: storeId,
        thread_id: thread.id,
        thread_version: thread.version,
        exported_at: new Date(exportedAt).toISOString(),
        sha256,
      },
    },
    blobs: rest.blobs.map(({ base64, ...info }) => ({
      ...info,
      ...(base64 !== undefined && { bytes: Buffer.from(base64, "base64") }),
    })),
  };
}

/** Ids of Skein's making are new wherever they are made. Forks of one thread share them. */
function isMinted(id: string): boolean {
  return /^msg_[0-9a-hjkmnp-tv-z]{26}$/.test(id);
}
