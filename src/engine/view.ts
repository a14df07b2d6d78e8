import type { Entry } from "../model/entry.ts";
import type { Message, MessageBody, Place } from "../model/message.ts";
import type { Run } from "../model/run.ts";

/** The messages that entries put into a thread, as they stood then. */
export function messagesIn(entries: readonly Entry[]): readonly Message[] {
  return entries.flatMap((entry) => {
    if (entry.op === "message.append" || entry.op === "message.open")
      return [seen(entry.data.message, entry, entry.data.place)];
    return entry.op === "message.enqueue" ? [seen(entry.data.message, entry, null)] : [];
  });
}

/** The run that entries ask for. */
export function runIn(entries: readonly Entry[]): Run | undefined {
  for (const entry of entries) if (entry.op === "run.start") return entry.data.run;
  return undefined;
}

/** The branch that the first message went to. */
export function branchIn(entries: readonly Entry[]): string | undefined {
  for (const { op, data } of entries) {
    if (op === "message.append") return data.place.branch;
    if (op === "message.enqueue" || op === "message.dequeue") return data.branch;
    if (op === "run.start") return data.run.branch;
  }
  return undefined;
}

function seen(body: MessageBody, entry: Entry, place: Place | null): Message {
  return {
    ...body,
    threadId: entry.threadId,
    parentId: place?.parentId ?? null,
    turnId: place?.turnId ?? body.id,
    depth: place?.depth ?? null,
    version: entry.version,
    createdAt: entry.at,
  };
}
