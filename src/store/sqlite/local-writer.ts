import type { Writer } from "./writer.ts";
import type { WriterPort } from "./writer-port.ts";
import { WriterQueue } from "./writer-queue.ts";

/** A writer on the thread of its caller. */
export function localWriter(writer: Writer): WriterPort {
  const queue = new WriterQueue(writer);
  return {
    commit: (chains) => queue.run((it) => it.commit(chains)),
    commitExclusive: (keys, decide) =>
      queue.run((it) => {
        const heads = it.beginExclusive(keys);
        try {
          return it.commitExclusive(decide(heads));
        } catch (error) {
          it.rollbackExclusive();
          throw error;
        }
      }),
    appendChunks: (key, chunks) => queue.run((it) => it.appendChunks(key, chunks)),
    putBlob: (reader, info, bytes, now) => queue.run((it) => it.putBlob(reader, info, bytes, now)),
    acquireLease: (request) => queue.run((it) => it.acquireLease(request)),
    releaseLease: (lease) => queue.run((it) => it.releaseLease(lease)),
    flushListing: () => queue.flushListing(),
    repair: async () => {
      const { checkStore } = await import("../sql/check.ts");
      return queue.run((it) => it.repair(checkStore));
    },
    dataVersion: () => queue.look((it) => it.dataVersion()),
    close: () => queue.close(),
  };
}
