import { isDeepStrictEqual } from "node:util";
import { replay } from "../../model/apply.ts";
import { messagesOn, oldestVersion } from "../../model/thread.ts";
import type { CheckReport } from "../store.ts";
import type { MemoryData, StoredThread, Tenant } from "./memory-data.ts";
import { pathBack } from "./path.ts";
import { isPurged } from "./sweep.ts";

/** Proves what the store keeps beside the log against the log. Nothing can be repaired: memory is the only copy. */
export function check(data: MemoryData): CheckReport {
  const problems: { threadId: string; problem: string; repaired: boolean }[] = [];
  let threads = 0;
  let messages = 0;
  let entries = 0;
  for (const tenant of data.tenants.values())
    for (const thread of tenant.threads.values()) {
      messages += thread.messages.size;
      entries += thread.entries.length;
      if (isPurged(thread)) continue;
      threads += 1;
      for (const problem of [...checkLog(thread), ...checkTree(tenant, thread)])
        problems.push({ threadId: thread.key.id, problem, repaired: false });
    }
  return { threads, messages, entries, problems };
}

function* checkLog({ entries, head, messages, runs }: StoredThread): Generator<string> {
  const oldest = oldestVersion(head);
  const gap = entries.findIndex(({ version }, index) => version !== oldest + index);
  if (gap !== -1) {
    yield `entry ${oldest + gap} has version ${entries[gap]?.version}`;
    return;
  }
  const newest = oldest + entries.length - 1;
  if (head.version !== newest) yield `the head is at ${head.version}, the log at ${newest}`;
  // Previews in the head outlive the text that they were made from.
  const isErased = [...messages.values()].some(({ message }) => message.redacted === true);
  if (!isErased && !isDeepStrictEqual(replay(entries), head))
    yield "the head is not the fold of the log";
  for (const run of head.activity.runs)
    if (!isDeepStrictEqual(runs.get(run.id), run)) yield `run ${run.id} differs from the head's`;
}

function* checkTree(tenant: Tenant, thread: StoredThread): Generator<string> {
  for (const [number, ids] of thread.segments)
    for (const [index, id] of ids.entries()) {
      // What was trimmed leaves its place empty.
      if (id === "") continue;
      const place = thread.messages.get(id)?.place;
      if (place?.segment.number !== number || place.position !== index + 1)
        yield `segment ${number} has ${id} at position ${index + 1}, the message says otherwise`;
    }
  for (const branch of Object.values(thread.head.branches)) {
    const path = [...pathBack(tenant, branch)].map(({ message }) => message);
    const count = messagesOn(branch);
    if (path.length !== count)
      yield `branch ${branch.name} counts ${count} messages, its path has ${path.length}`;
    if ((path[0]?.id ?? null) !== branch.messageId)
      yield `branch ${branch.name} does not end at ${branch.messageId}`;
    const whole = path.filter(({ depth }) => (depth ?? 0) > (branch.floor?.depth ?? 0));
    const broken = whole.find(({ parentId }, index) => parentId !== path[index + 1]?.id);
    if (broken !== undefined) yield `the parent of ${broken.id} is not the message before it`;
  }
  for (const { messageId } of thread.head.activity.open)
    if (thread.messages.get(messageId)?.message.status !== "in_progress")
      yield `message ${messageId} is open in the head, but not in the tree`;
}
