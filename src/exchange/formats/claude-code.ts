import type { JsonObject } from "../../model/json.ts";
import type { Conversation, FoundFile, SourceMessage } from "../conversation.ts";
import { given, objectAt, stringOf, textAt, timeOf } from "../loose.ts";
import { partsOfBlocks } from "./content-blocks.ts";
import { usageOf } from "./dive.ts";
import { followSkipped } from "../follow-skipped.ts";
import type { LineReader } from "./line-reader.ts";
import { withResultsApart } from "./results-apart.ts";

type Draft = { -readonly [K in keyof SourceMessage]: SourceMessage[K] };

/** A session of Claude Code. Every block of an answer has a line; they become one message. What sub-agents said stands among
 *  the rest and becomes conversations of their own. */
export function claudeCodeReader(): LineReader {
  const session = new Session();
  return { add: (line) => session.add(line), end: () => session.end() };
}

class Session {
  /** By the id of a line, the id of the message that it became a part of. */
  readonly #joined = new Map<string, string>();
  readonly #messages = new Map<string, Draft>();
  readonly #skipped = new Map<string, string | null>();
  /** By the id that the model gave its answer, the message; and by a tool call, the message with its results. */
  readonly #answers = new Map<string, Draft>();
  readonly #results = new Map<string, Draft>();
  readonly #sides = new Set<string>();
  /** By message, the lines that were added to its first one. */
  readonly #added = new Map<string, number>();
  readonly #files = new Map<string, FoundFile>();
  #summary: string | undefined;
  #first: JsonObject | undefined;

  add(line: JsonObject): void {
    const { type } = line;
    if (type === "summary" || type === "ai-title" || type === "custom-title")
      this.#summary = textAt(line["summary"] ?? line["title"]) ?? this.#summary;
    const id = textAt(line["uuid"]);
    if (id === undefined) return;
    if (textAt(line["sessionId"]) !== undefined) this.#first ??= line;
    const parent = textAt(line["parentUuid"]) ?? textAt(line["logicalParentUuid"]) ?? null;
    const parentId = parent === null ? null : (this.#joined.get(parent) ?? parent);
    if (this.#messages.has(id) || this.#joined.has(id)) return;
    const message = this.#messageOf(line, id, parentId);
    if (message === null) this.#skipped.set(id, parentId);
    else if (line["isSidechain"] === true) this.#sides.add(message);
  }

  end(): readonly Conversation[] {
    const id = stringOf(this.#first?.["sessionId"]);
    const messages = [...this.#messages.values()];
    const main = messages.filter((it) => !this.#sides.has(it.id));
    const beside = {
      format: "claude-code",
      skipped: this.#skipped,
      files: this.#files,
    } as const;
    const { cwd, version, gitBranch } = this.#first ?? {};
    const conversations: Conversation[] = [
      {
        ...beside,
        id,
        ...given("title", this.#summary),
        ...given("createdAt", timeOf(this.#first?.["timestamp"])),
        messages: main.map((it) => this.#named(it)),
        metadata: {
          ...given("cwd", textAt(cwd)),
          ...given("cli_version", textAt(version)),
          ...given("git_branch", textAt(gitBranch)),
        },
      },
    ];
    for (const [root, said] of this.#byRoot(messages))
      conversations.push({
        ...beside,
        id: `${id}/${root}`,
        kind: "sub-agent",
        ...given("createdAt", said[0]?.createdAt),
        messages: said.map((it) => this.#named(it)),
        metadata: { session_id: id },
      });
    return conversations.filter((it) => it.messages.length > 0);
  }

  /** Answers with the id of the message that the line belongs to now. */
  #messageOf(line: JsonObject, id: string, parentId: string | null): string | null {
    const { type } = line;
    const told = objectAt(line["message"]);
    const at = given("createdAt", timeOf(line["timestamp"]));
    const parts = partsOfBlocks(told["content"] ?? line["content"], this.#files);
    if (parts.length === 0) return null;
    if (type === "assistant") {
      const answer = this.#answers.get(stringOf(told["id"]));
      const usage = given("usage", usageOf(objectAt(told["usage"])));
      if (answer !== undefined) {
        Object.assign(answer, { parts: [...answer.parts, ...parts], ...usage });
        this.#join(id, answer.id);
        return answer.id;
      }
      const model = given("model", textAt(told["model"]));
      const message: Draft = { id, parentId, role: "assistant", parts, ...at, ...usage, ...model };
      if (textAt(told["id"]) !== undefined) this.#answers.set(stringOf(told["id"]), message);
      this.#messages.set(id, message);
      return id;
    }
    if (type !== "user" && type !== "system") return null;
    const isContext = line["isMeta"] === true || line["isCompactSummary"] === true;
    const made = withResultsApart({
      id,
      parentId,
      role: type === "user" ? "user" : "developer",
      parts,
      ...at,
      ...(isContext && { metadata: { context: true } }),
    });
    for (const it of made) {
      const message: Draft = { ...it };
      if (it.parentId !== null) message.parentId = this.#joined.get(it.parentId) ?? it.parentId;
      if (!this.#joinsResults(message)) this.#messages.set(message.id, message);
    }
    return this.#joined.get(id) ?? id;
  }

  /** Calls of one answer are answered in lines of their own, which stand beside each other. */
  #joinsResults(message: Draft): boolean {
    if (message.role !== "tool" || message.parentId === null) return false;
    const before = this.#results.get(message.parentId);
    const isAgain = (callId: string): boolean =>
      before?.parts.some((part) => part.type === "tool-result" && part.callId === callId) === true;
    const repeats = message.parts.some(
      (part) => part.type === "tool-result" && isAgain(part.callId),
    );
    if (before === undefined || repeats) {
      this.#results.set(message.parentId, message);
      return false;
    }
    before.parts = [...before.parts, ...message.parts];
    this.#join(message.id, before.id);
    return true;
  }

  #join(lineId: string, id: string): void {
    this.#joined.set(lineId, id);
    this.#added.set(id, (this.#added.get(id) ?? 0) + 1);
  }

  /** A message that has grown since the file was imported is another one. */
  #named(message: Draft): Draft {
    const name = (id: string): string =>
      this.#added.has(id) ? `${id}+${this.#added.get(id)}` : id;
    const parentId = followSkipped(message.parentId, this.#skipped);
    return {
      ...message,
      id: name(message.id),
      parentId: parentId === null ? null : name(parentId),
    };
  }

  #byRoot(messages: readonly Draft[]): ReadonlyMap<string, readonly Draft[]> {
    const roots = new Map<string, string>();
    const groups = new Map<string, Draft[]>();
    for (const message of messages) {
      if (!this.#sides.has(message.id)) continue;
      const parentId = followSkipped(message.parentId, this.#skipped);
      const root = (parentId === null ? undefined : roots.get(parentId)) ?? message.id;
      roots.set(message.id, root);
      const group = groups.get(root) ?? [];
      group.push(message);
      groups.set(root, group);
    }
    return groups;
  }
}
