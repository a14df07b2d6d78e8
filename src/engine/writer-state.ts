import { checkMetadata, checkTags, checkTitle } from "../model/check.ts";
import type { BatchCommand } from "../model/command.ts";
import { SkeinError } from "../model/error.ts";
import { canonicalJson, isJsonObject } from "../model/json.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { own } from "../model/own.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN } from "../model/thread.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Core } from "./core.ts";
import type { MessageInput } from "./engine.ts";
import { appendCommand, partsOf } from "./message-input.ts";
import type { WriterMessage, WriterState } from "./thread-writer.ts";

/** The whole of `main`. Costs O(messages). */
export async function loadState(core: Core, head: ThreadHead): Promise<WriterState> {
  const { id, tenant, title, metadata, tags } = head.profile;
  const main = head.branches[MAIN];
  const path =
    main === undefined || main.count === 0
      ? []
      : await core.store.readPath(tenant, main, { minDepth: 0, maxDepth: main.count - 1 });
  const messages = path.map(({ id: messageId, role, parts }) => ({
    id: messageId,
    role,
    content: parts,
  }));
  return { id, v: head.version, title, metadata, tags, messages };
}

/** Refuses what is no state at all, such as nothing. */
export function checkState(state: WriterState): WriterState {
  if (typeof state === "object" && state !== null && !Array.isArray(state)) return state;
  throw new SkeinError("invalid_request", "A modifier must return the state that it wants.", {
    field: "modifier",
  });
}

/** The changes that lead from one state to another, as one command. */
export async function changesBetween(
  core: Core,
  principal: Principal,
  before: WriterState,
  after: WriterState,
): Promise<BatchCommand> {
  if (!Array.isArray(after.messages) || !Array.isArray(after.tags) || !isJsonObject(after.metadata))
    throw new SkeinError(
      "invalid_request",
      "A modifier must return the whole state: v, title, metadata, tags and messages.",
      { field: "messages" },
    );
  if (after.messages.some((message) => typeof message !== "object" || message === null))
    throw new SkeinError("invalid_request", "messages must be objects.", { field: "messages" });
  const kept = commonMessages(before.messages, after.messages);
  const known = new Set(before.messages.map(({ id }) => id));
  const added = after.messages.slice(kept).map(({ id, ...said }): MessageInput => {
    // What stood elsewhere before is said again: a message keeps its place for ever.
    return id === undefined || known.has(id) ? said : { ...said, id };
  });
  const metadata = mergePatchBetween(before.metadata, after.metadata);
  if (after.title !== null) checkTitle(after.title);
  checkTags(after.tags);
  checkMetadata(after.metadata);
  return {
    type: "batch",
    commands: [
      {
        type: "set",
        ...(after.title !== before.title && { title: after.title }),
        metadata,
        tags: after.tags,
      },
      ...(kept < before.messages.length
        ? [{ type: "truncate" as const, branch: MAIN, to: before.messages[kept - 1]?.id ?? null }]
        : []),
      ...(added.length > 0 ? [await appendCommand(core, principal, { messages: added })] : []),
    ],
  };
}

function commonMessages(before: readonly WriterMessage[], after: readonly WriterMessage[]): number {
  let kept = 0;
  for (; kept < before.length && kept < after.length; kept++) {
    const [old, now] = [before[kept], after[kept]];
    if (old === undefined || now === undefined || old.id !== now.id) break;
    if (old !== now && jsonOf(old) !== jsonOf(now))
      throw new SkeinError(
        "invalid_request",
        `Message ${old.id} cannot be changed; edit() replaces it by a sibling.`,
        {
          field: "messages",
        },
      );
  }
  return kept;
}

function jsonOf({ role, content }: WriterMessage): string {
  const parts = typeof content === "string" ? partsOf(content) : content;
  return canonicalJson(JSON.parse(JSON.stringify([role, parts])));
}

/** The RFC 7396 patch that makes one of the other, objects inside objects too. */
function mergePatchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const kept = Object.entries(after).map(([key, value]): [string, Json] => {
    const old = own(before, key);
    const isPatched = isJsonObject(value) && isJsonObject(old);
    return [key, isPatched ? mergePatchBetween(old, value) : value];
  });
  return Object.fromEntries([...kept, ...gone.map((key): [string, Json] => [key, null])]);
}
