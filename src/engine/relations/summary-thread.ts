import { checkText } from "../../model/check.ts";
import type { CreateCommand } from "../../model/command.ts";
import { requireRole } from "../../model/decide/access.ts";
import { decide } from "../../model/decide/decide.ts";
import type { Decision } from "../../model/decide/decide.ts";
import type { DecideContext } from "../../model/decide/draft.ts";
import { ORIGIN_KEY, SUMMARIES_KEY } from "../../model/decide/link.ts";
import { SkeinError } from "../../model/error.ts";
import { NO_FACTS } from "../../model/facts.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Principal } from "../../model/principal.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread, ThreadHead } from "../../model/thread.ts";
import type { WriteOptions } from "../call.ts";
import { newThreadId, principalOf, readHead, write } from "../core.ts";
import type { Core } from "../core.ts";
import { newMessage } from "../message-input.ts";
import { titleLine } from "../title-line.ts";

// Metadata has 16 KiB for everything; the whole text is in the summary's thread.
const EXCERPT_CHARACTERS = 4_000;
const LISTED_SUMMARIES = 100;

export async function createSummaryThread(
  core: Core,
  base: Principal,
  threadId: string,
  summary: string,
  options: WriteOptions = {},
): Promise<Thread> {
  const principal = principalOf(base, options);
  checkText(summary, "summary");
  if (summary.trim() === "")
    throw new SkeinError("invalid_request", "summary must say something.", { field: "summary" });
  const { expectedVersion, expectedHead, opId } = options;
  const source = await readHead(core, principal, threadId);
  requireRole(source, principal, "editor");
  const { profile, version } = source;
  const id = newThreadId(core, principal, opId);
  const data = { version };
  const message = newMessage(core, principal, { role: "assistant", content: summary });
  const command: CreateCommand = {
    type: "create",
    owner: profile.owner,
    members: profile.members,
    title: titleLine(`Summary: ${profile.title ?? "Conversation"}`),
    titleSource: "auto",
    kind: "summary",
    ...(profile.agentId !== null && { agentId: profile.agentId }),
    metadata: { [ORIGIN_KEY]: threadId },
    links: [{ kind: "summary-of", threadId, data }],
    append: { type: "append", messages: [message] },
  };
  const { head } = await write(core, {
    principal,
    threadId: id,
    command,
    ...(opId !== undefined && { options: { opId } }),
    asked: [threadId, summary],
    sizeBytes: summary.length * 2,
    beside: [
      {
        key: { tenant: principal.tenant, id: threadId },
        decide: (now, context) =>
          noteSummary(
            now,
            { summaryId: id, summary, data },
            {
              ...context,
              // What is expected is expected of the thread that there is; the summary is new.
              ...(expectedVersion !== undefined && { expectedVersion }),
              ...(expectedHead !== undefined && { expectedHead }),
            },
          ),
      },
    ],
  });
  return threadOf(head);
}

interface Noted {
  readonly summaryId: string;
  readonly summary: string;
  readonly data: JsonObject;
}

function noteSummary(
  head: ThreadHead | null,
  { summaryId, summary, data }: Noted,
  context: DecideContext,
): Decision {
  const listed = head?.profile.metadata[SUMMARIES_KEY];
  const others = Array.isArray(listed) ? listed : [];
  const metadata = {
    summary: summary.slice(0, EXCERPT_CHARACTERS).toWellFormed(),
    summarized_at: new Date(context.at).toISOString(),
    [SUMMARIES_KEY]: [...others, summaryId].slice(-LISTED_SUMMARIES),
  };
  const link = { kind: "summary", threadId: summaryId, data };
  const commands = [
    { type: "link.add", link },
    { type: "set", metadata },
  ] as const;
  return decide(head, { type: "batch", commands }, NO_FACTS, context);
}
