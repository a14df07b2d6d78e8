import { entryToWire } from "../../http/native/entry-to-wire.ts";
import type { Entry } from "../../model/entry.ts";
import type { MessageBody } from "../../model/message.ts";
import { textOf } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import { partNote } from "./message.ts";
import { oneLine } from "./printable.ts";

const SUMMARY_CHARACTERS = 200;

/** An entry as a row: version, time, op, actor, and in a few words what happened. */
export function entryRow(entry: Entry): readonly string[] {
  return [
    String(entry.version).padStart(5),
    new Date(entry.at).toISOString(),
    oneLine(entry.op, SUMMARY_CHARACTERS),
    oneLine(entry.actor, SUMMARY_CHARACTERS),
    oneLine(summaryOf(entry), SUMMARY_CHARACTERS),
  ];
}

function summaryOf(entry: Entry): string {
  switch (entry.op) {
    case "thread.create": {
      const { profile, from } = entry.data;
      const origin = from === undefined ? "" : `fork of ${from.threadId} at ${from.version}`;
      return facts(profile.title === null ? "" : `“${profile.title}”`, origin);
    }
    case "thread.set": {
      const { title, agentId } = entry.data;
      const named = title === null ? "no title" : title === undefined ? "" : `“${title}”`;
      return facts(named, agentId && `agent ${agentId}`);
    }
    case "tag.add":
    case "tag.remove":
      return entry.data.tags.join(", ");
    case "metadata.set":
      return Object.keys(entry.data.values).join(", ");
    case "metadata.unset":
      return entry.data.keys.join(", ");
    case "member.set":
      return `${entry.data.user} (${entry.data.role})`;
    case "member.remove":
      return entry.data.user;
    case "message.append":
    case "message.open":
      return ofMessage(entry.data.message, entry.data.place.branch);
    case "message.enqueue":
      return ofMessage(entry.data.message, entry.data.branch);
    case "message.commit": {
      const { messageId, branch, status, reason, parts } = entry.data;
      const state = status === "completed" ? "" : (reason ?? status);
      return facts(messageId, branch === "main" ? "" : `on ${branch}`, state, said(parts));
    }
    case "message.dequeue":
      return facts(
        entry.data.messageId,
        entry.data.place === undefined ? "discarded" : `on ${entry.data.branch}`,
      );
    case "message.annotate":
      return facts(entry.data.messageId, Object.keys(entry.data.values).join(", "));
    case "message.redact":
      return facts(entry.data.messageId, entry.data.reason);
    case "branch.create":
      return ofBranch(entry.data.branch);
    case "branch.move": {
      const { branch, kept } = entry.data;
      return facts(ofBranch(branch), kept && `the old path is ${kept.name}`);
    }
    case "branch.rename":
      return `${entry.data.from} is now ${entry.data.to}`;
    case "branch.remove":
      return entry.data.name;
    case "run.start": {
      const { id, agentId, branch, status } = entry.data.run;
      return facts(id, `agent ${agentId}`, branch === "main" ? "" : `on ${branch}`, status);
    }
    case "run.update":
    case "run.end": {
      const { runId, event, run } = entry.data;
      return facts(runId, run.status ?? event, run.error?.message);
    }
    case "step.start":
    case "step.end": {
      const { runId, kind, name, status, attempt } = entry.data.step;
      return facts(runId, `${kind} ${name}`, status, attempt > 1 ? `attempt ${attempt}` : "");
    }
    case "retention.trim": {
      const lost = Object.entries(entry.data.trimmed);
      return lost.map(([name, count]) => ofBranch({ name, count })).join("  ");
    }
    default: {
      const { data } = entryToWire(entry);
      return Object.keys(data).length === 0 ? "" : JSON.stringify(data);
    }
  }
}

function ofMessage({ id, role, status, parts }: MessageBody, branch: string): string {
  const state = status === "completed" ? "" : status;
  return facts(id, role, branch === "main" ? "" : `on ${branch}`, state, said(parts));
}

function said(parts: readonly Part[]): string {
  const notes = parts.map(partNote).filter((note) => note !== undefined);
  return [textOf(parts), ...notes].filter(Boolean).join(" ");
}

function ofBranch({ name, count }: { readonly name: string; readonly count: number }): string {
  return `${name}, ${count} ${count === 1 ? "message" : "messages"}`;
}

function facts(...all: readonly (string | undefined)[]): string {
  return all.filter(Boolean).join("  ");
}
