import { messagesOn } from "../../model/thread.ts";
import type { BranchHead, Thread } from "../../model/thread.ts";
import type { Run } from "../../model/run.ts";
import type { Paint } from "../color.ts";
import { count, money, time, tokens } from "./figures.ts";
import { oneLine } from "./printable.ts";

const TITLE_CHARACTERS = 80;

/** What a person calls a thread: its title, else its id. */
export function titleOf(thread: Pick<Thread, "id" | "title">): string {
  return thread.title === null ? thread.id : `“${oneLine(thread.title, TITLE_CHARACTERS)}”`;
}

export function threadRow(thread: Thread): readonly string[] {
  const marks = [
    ...(thread.status === "idle" ? [] : [thread.status]),
    ...(thread.archivedAt === null ? [] : ["archived"]),
    ...(thread.deletedAt === null ? [] : ["deleted"]),
    ...thread.tags.map((tag) => `#${tag}`),
  ];
  const title = thread.title === null ? "–" : oneLine(thread.title, TITLE_CHARACTERS);
  return [
    thread.id,
    time(thread.updatedAt),
    count(thread.messageCount, "message"),
    [title, ...marks].join("  "),
  ];
}

/** The header of a thread, one fact per line. */
export function threadHeader(thread: Thread, { bold, dim }: Paint): string {
  const facts: (readonly [string, string])[] = [
    ["id", thread.id],
    ["version", String(thread.version)],
    ["status", thread.status],
    ["owner", thread.owner],
    ["agent", thread.agentId ?? "assistant"],
    ["messages", `${thread.messageCount} on main, ${thread.messagesTotal} in all`],
    ["created", time(thread.createdAt)],
    ["updated", time(thread.updatedAt)],
    ["tokens", tokens(thread.usage)],
    ["cost", money(thread.cost)],
  ];
  if (thread.tags.length > 0) facts.push(["tags", thread.tags.join(", ")]);
  if (Object.keys(thread.metadata).length > 0)
    facts.push(["metadata", oneLine(JSON.stringify(thread.metadata), 200)]);
  const members = Object.entries(thread.members).map(([user, role]) => `${user} (${role})`);
  if (members.length > 0) facts.push(["members", members.join(", ")]);
  if (thread.forkedFrom !== undefined)
    facts.push([
      "fork of",
      `${thread.forkedFrom.threadId} at version ${thread.forkedFrom.version}`,
    ]);
  if (thread.trimmed !== undefined && thread.trimmed.messages > 0)
    facts.push(["trimmed", `${count(thread.trimmed.messages, "earlier message")}`]);
  if (thread.alias !== undefined) facts.push(["alias", oneLine(thread.alias, 200)]);
  if (thread.expiresAt !== undefined) facts.push(["expires", time(thread.expiresAt)]);
  if (thread.hold !== undefined) facts.push(["held", oneLine(thread.hold.reason ?? "yes", 200)]);
  if (thread.archivedAt !== null) facts.push(["archived", time(thread.archivedAt)]);
  if (thread.deletedAt !== null) facts.push(["deleted", time(thread.deletedAt)]);
  return [
    bold(titleOf(thread)),
    ...facts.map(([name, value]) => `${dim(name.padEnd(9))} ${value}`),
  ].join("\n");
}

export function branchRow(branch: BranchHead): readonly string[] {
  return [
    branch.name,
    count(messagesOn(branch), "message"),
    branch.messageId ?? "–",
    branch.of === undefined ? branch.reason : `${branch.reason} of ${branch.of}`,
  ];
}

export function runRow(run: Run): readonly string[] {
  const error = run.error === undefined ? "" : oneLine(run.error.message, TITLE_CHARACTERS);
  return [run.id, time(run.createdAt), run.status, run.agentId, money(run.cost), error];
}
