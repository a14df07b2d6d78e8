import { startStubModel } from "../../src/testing/index.ts";
import type { StubModel } from "../../src/testing/index.ts";
import type { StubReply } from "../../src/testing/stub-model/stub-reply.ts";
import type { ChatRequest } from "../../src/testing/stub-model/chat-request.ts";

/** What a person says to make the model do something. The tag is in every answer to it, and in the arguments of its calls. */
export const ask = {
  talk: (tag: string, words = 8, delayMs = 10): string => `talk ${tag} ${words} ${delayMs}`,
  /** Calls these tools at once. */
  call: (tag: string, ...tools: readonly string[]): string => `call ${tag} ${tools.join(" ")}`,
};

/** A model server that answers the same however often, and by whomever, it is asked. */
export function startFaultModel(): Promise<StubModel> {
  return startStubModel({ script: replyTo });
}

function replyTo({ messages }: ChatRequest): StubReply {
  const asked = messages.findLast(({ role }) => role === "user")?.text ?? "";
  // The line that names the speaker is not part of the command.
  const said = asked.replace(/^\[from [^\]\n]*\]\n/u, "").trim();
  const [command, tag = "nobody", ...rest] = said.split(" ");
  if (messages.at(-1)?.role === "tool") return { text: `${tag} is done`, delayMs: 5 };
  if (command === "call")
    return {
      text: `${tag} calls`,
      toolCalls: rest.map((name) => ({ name, arguments: JSON.stringify(argumentsOf(name, tag)) })),
      delayMs: 5,
    };
  const [words = "1", delayMs = "0"] = rest;
  const text = Array.from({ length: Number(words) }, (_, index) => `word${index + 1}`).join(" ");
  return { text: `${tag} ${text}`, delayMs: Number(delayMs) };
}

function argumentsOf(name: string, tag: string): object {
  return name === "helper" ? { task: ask.talk(tag, 3, 5) } : { n: tag };
}
