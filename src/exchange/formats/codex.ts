import type { JsonObject } from "../../model/json.ts";
import type { Role } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import type { Usage } from "../../model/usage.ts";
import type { Conversation, SourceMessage } from "../conversation.ts";
import { countOf, given, objectAt, stringOf, textAt, timeOf } from "../loose.ts";
import type { LineReader } from "./line-reader.ts";
import { partsOfItem } from "./response-items.ts";

/** Said twice, or of no worth to who reads on. */
const NOT_SAID: ReadonlySet<string> = new Set(["ghost_snapshot", "state"]);

/** A rollout of Codex: items of the Responses API, one per line; older ones without an envelope. */
export function codexReader(): LineReader {
  const messages: Draft[] = [];
  let meta: JsonObject = {};
  let model: string | undefined;
  let startedAt: number | undefined;
  const add = (line: JsonObject): void => {
    const item = objectAt(line["payload"] ?? line);
    const at = timeOf(line["timestamp"]);
    startedAt ??= at;
    if (line["type"] === "session_meta" || isOldMeta(line)) {
      // A session that goes on writes it again.
      if (Object.keys(meta).length === 0) meta = item;
    } else if (line["type"] === "turn_context") model = textAt(item["model"]) ?? model;
    else if (line["type"] === "event_msg") countTokens(messages, item);
    else if (line["type"] === "compacted") push(messages, compactionOf(item), at, model);
    else if (!NOT_SAID.has(stringOf(item["type"] ?? item["record_type"])))
      push(messages, { role: roleOf(item), parts: partsOfItem(item) }, at, model);
  };
  return { add, end: () => [conversationOf(meta, messages, startedAt)] };
}

type Draft = { -readonly [K in keyof SourceMessage]: SourceMessage[K] };
type Said = Pick<SourceMessage, "role" | "parts">;

function isOldMeta(line: JsonObject): boolean {
  return line["type"] === undefined && textAt(line["id"]) !== undefined && "timestamp" in line;
}

/** What the agent did before it heard anything is one message, and so are results that came together. */
function push(
  messages: Draft[],
  { role, parts }: Said,
  at: number | undefined,
  model: string | undefined,
): void {
  if (parts.length === 0) return;
  const last = messages.at(-1);
  const joins = last?.role === role && (role === "tool" || (role === "assistant" && !ends(last)));
  if (last !== undefined && joins) {
    last.parts = [...last.parts, ...parts];
    // A message that has grown since the file was imported is another one.
    last.id = `${messages.length - 1}+${last.parts.length}`;
    return;
  }
  messages.push({
    id: `${messages.length}`,
    parentId: last?.id ?? null,
    role,
    parts,
    ...given("createdAt", at),
    ...(role === "assistant" && given("model", model)),
    ...(role === "user" && isContext(parts) && { metadata: { context: true } }),
  });
}

/** Whoever has spoken and called nothing has ended the message. */
function ends({ parts }: SourceMessage): boolean {
  return parts.at(-1)?.type === "text";
}

/** Told to the model before the user says anything. */
function isContext([first]: readonly Part[]): boolean {
  return (
    first?.type === "text" && /^\s*<(?:environment_context|user_instructions)>/.test(first.text)
  );
}

function roleOf(item: JsonObject): Role {
  const type = stringOf(item["type"]);
  if (type.endsWith("_output")) return "tool";
  const { role } = item;
  if (type !== "message") return "assistant";
  return role === "user" || role === "developer" || role === "system" ? role : "assistant";
}

function compactionOf(item: JsonObject): Said {
  return {
    role: "developer",
    parts: [{ type: "data", name: "compaction", data: item["message"] ?? "" }],
  };
}

function countTokens(messages: readonly Draft[], event: JsonObject): void {
  if (event["type"] !== "token_count") return;
  const told = objectAt(event["info"], "last_token_usage");
  const last = messages.findLast(({ role }) => role === "assistant");
  const cached = countOf(told["cached_input_tokens"]);
  const reasoning = countOf(told["reasoning_output_tokens"]);
  const usage: Usage = {
    inputTokens: countOf(told["input_tokens"]),
    outputTokens: countOf(told["output_tokens"]),
    ...(cached > 0 && { cachedInputTokens: cached }),
    ...(reasoning > 0 && { reasoningTokens: reasoning }),
  };
  if (last !== undefined && usage.inputTokens + usage.outputTokens > 0) last.usage = usage;
}

function conversationOf(
  meta: JsonObject,
  messages: readonly SourceMessage[],
  startedAt: number | undefined,
): Conversation {
  const git = objectAt(meta["git"]);
  return {
    format: "codex",
    id: stringOf(meta["id"]),
    ...given("createdAt", timeOf(meta["timestamp"]) ?? startedAt),
    messages,
    files: new Map(),
    metadata: {
      ...given("cwd", textAt(meta["cwd"])),
      ...given("cli_version", textAt(meta["cli_version"])),
      ...given("git_branch", textAt(git["branch"])),
      ...given("git_commit", textAt(git["commit_hash"])),
    },
  };
}
