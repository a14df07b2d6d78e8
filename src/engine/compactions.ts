import type { Command } from "../model/command.ts";
import type { Principal } from "../model/principal.ts";
import { threadOf } from "../model/thread.ts";
import type { CompactionCalls } from "./compaction-calls.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import { headAt } from "./history.ts";

export function bindCompactions(core: Core, base: Principal): CompactionCalls {
  return {
    async loadHead(id, options) {
      const principal = principalOf(base, options);
      const now = await readHead(core, principal, id);
      const { at } = options ?? {};
      return at === undefined ? now : headAt(core, { tenant: principal.tenant, id }, now, at);
    },
    async recordCompaction(threadId, { compaction, metadata }, options) {
      const principal = principalOf(base, options);
      const compact = { type: "compact", compaction } as const;
      const command: Command =
        metadata === undefined
          ? compact
          : { type: "batch", commands: [compact, { type: "set", metadata }] };
      const { head } = await write(core, { principal, threadId, command, options });
      return threadOf(head);
    },
  };
}
