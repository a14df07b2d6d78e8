import { EMPTY_ACTIVITY } from "../../model/thread.ts";
import type { BranchHead, LastMessage, ThreadHead } from "../../model/thread.ts";
import { parse } from "./decode-entry.ts";
import { nameOf } from "./names.ts";
import { recordOf } from "./reply.ts";
import type { Reply } from "./reply.ts";

export function decodeHead(reply: Reply): ThreadHead {
  const fields = recordOf(reply);
  const field = (name: string): string => fields.get(name) ?? "null";
  const version = Number(field("v"));
  const rest = parse<Omit<ThreadHead["profile"], "title">>(field("p"));
  const expiredAt = fields.get("zt");
  if (expiredAt !== undefined) return tombstoneOf(version, rest, Number(expiredAt));
  const title = parse<string | null>(field("t"));
  const activity = parse<Omit<ThreadHead["activity"], "lastMessage">>(field("a"));
  return {
    version,
    profile: { ...rest, title },
    activity: { ...activity, lastMessage: lastMessageOf(fields) },
    branches: Object.fromEntries(branchesOf(fields)),
  };
}

function lastMessageOf(fields: ReadonlyMap<string, string>): LastMessage | null {
  const message = fields.get("lj");
  if (message === undefined || message === "") return null;
  const text = parse<string>(fields.get("lt") ?? '""');
  return { ...parse<Omit<LastMessage, "text">>(message), text };
}

function* branchesOf(fields: ReadonlyMap<string, string>): Generator<[string, BranchHead]> {
  for (const name of parse<readonly string[]>(fields.get("order") ?? "[]")) {
    const branch = fields.get(`b${nameOf(name)}`);
    if (branch !== undefined) yield [name, parse<BranchHead>(branch)];
  }
}

/** What is left of a session thread whose messages a fork still shows. */
function tombstoneOf(
  version: number,
  profile: Omit<ThreadHead["profile"], "title">,
  at: number,
): ThreadHead {
  return {
    version,
    profile: { ...profile, title: null, deletedAt: at, purgedAt: at },
    activity: { ...EMPTY_ACTIVITY, updatedAt: at },
    branches: {},
  };
}
