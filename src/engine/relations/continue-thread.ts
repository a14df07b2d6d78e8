import { checkId, checkText, checkTitle } from "../../model/check.ts";
import type { CreateCommand } from "../../model/command.ts";
import { requireRole } from "../../model/decide/access.ts";
import { decide } from "../../model/decide/decide.ts";
import type { Decision } from "../../model/decide/decide.ts";
import type { DecideContext } from "../../model/decide/draft.ts";
import {
  continuationOf,
  ORIGIN_KEY,
  PREVIOUS_KEY,
  SUMMARIES_KEY,
} from "../../model/decide/link.ts";
import { SkeinError } from "../../model/error.ts";
import { NO_FACTS } from "../../model/facts.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Principal } from "../../model/principal.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread, ThreadHead, ThreadProfile } from "../../model/thread.ts";
import type { WriteOptions } from "../call.ts";
import { newThreadId, principalOf, readHead, write } from "../core.ts";
import type { Core } from "../core.ts";
import { newMessage } from "../message-input.ts";
import type { ContinueInput } from "./relation-calls.ts";

// What is said of the old thread alone.
const LEFT_BEHIND: ReadonlySet<string> = new Set([
  "summary",
  "summarized_at",
  SUMMARIES_KEY,
  ORIGIN_KEY,
]);

export async function continueThread(
  core: Core,
  base: Principal,
  threadId: string,
  input: ContinueInput = {},
  options: WriteOptions = {},
): Promise<Thread> {
  const principal = principalOf(base, options);
  const { summary, id, title } = input;
  if (id !== undefined) checkId(id);
  if (title !== undefined) checkTitle(title);
  if (summary !== undefined) checkText(summary, "summary");
  const { expectedVersion, expectedHead, opId } = options;
  const old = await readHead(core, principal, threadId);
  requireRole(old, principal, "editor");
  const newId = id ?? newThreadId(core, principal, opId);
  const data = { version: old.version };
  const first =
    summary === undefined
      ? undefined
      : newMessage(core, principal, { role: "system", content: summary });
  const { profile } = old;
  const command: CreateCommand = {
    type: "create",
    owner: profile.owner,
    members: profile.members,
    ...(title === undefined ? titleOf(profile) : { title }),
    kind: "continuation",
    ...(profile.agentId !== null && { agentId: profile.agentId }),
    ...(profile.environment && { environment: profile.environment }),
    tags: profile.tags,
    metadata: metadataOf(profile),
    links: [{ kind: "continues", threadId, data }],
    ...(first && { append: { type: "append", messages: [first] } }),
  };
  const { head } = await write(core, {
    principal,
    threadId: newId,
    command,
    ...(opId !== undefined && { options: { opId } }),
    asked: [threadId, input],
    sizeBytes: (summary?.length ?? 0) * 2,
    beside: [
      {
        key: { tenant: principal.tenant, id: threadId },
        decide: (now, context) =>
          putAway(
            now,
            { newId, data },
            {
              ...context,
              // What is expected is expected of the thread that there is.
              ...(expectedVersion !== undefined && { expectedVersion }),
              ...(expectedHead !== undefined && { expectedHead }),
            },
          ),
      },
    ],
  });
  return threadOf(head);
}

/** The old thread, archived, with the link to the new one. */
function putAway(
  head: ThreadHead | null,
  { newId, data }: { readonly newId: string; readonly data: JsonObject },
  context: DecideContext,
): Decision {
  const link = { kind: "continuation", threadId: newId, data };
  const commands = [{ type: "link.add", link }, { type: "archive" }] as const;
  const decided = decide(head, { type: "batch", commands }, NO_FACTS, context);
  if (head === null) return decided;
  const continuation = continuationOf(head);
  if (continuation !== undefined)
    throw new SkeinError(
      "thread_continued",
      `Thread ${head.profile.id} was continued as ${continuation}.`,
      { details: { thread_id: continuation } },
    );
  const [run] = head.activity.runs;
  if (run !== undefined)
    throw new SkeinError("run_active", `Run ${run.id} has not ended. Wait for it, or cancel it.`, {
      details: { run_id: run.id },
      retryAfterMs: 1000,
    });
  return decided;
}

/** A title that was made of a message says what the message says, and is not erased with it in another thread. */
function titleOf({ title, titleSource, titleOf: of }: ThreadProfile): Partial<CreateCommand> {
  return title === null || of !== undefined ? {} : { title, titleSource };
}

function metadataOf({ id, metadata }: ThreadProfile): JsonObject {
  const kept = Object.entries(metadata).filter(([key]) => !LEFT_BEHIND.has(key));
  return { ...Object.fromEntries(kept), [PREVIOUS_KEY]: id };
}
