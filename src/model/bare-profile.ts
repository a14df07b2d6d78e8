import type { ThreadProfile } from "./thread.ts";

/** A thread that says nothing but that it is there: no word of it, no member, no state. */
export function bareProfile({ id, tenant, owner, kind, createdAt }: ThreadProfile): ThreadProfile {
  return {
    id,
    tenant,
    owner,
    title: null,
    titleSource: "auto",
    agentId: null,
    kind,
    metadata: {},
    tags: [],
    members: {},
    createdAt,
    archivedAt: null,
    deletedAt: null,
    purgedAt: null,
  };
}
