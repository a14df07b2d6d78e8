import type { ChatRequest } from "./chat-request.ts";
import type { StubReply } from "./stub-reply.ts";

const SLOW_DELAY_MS = 30;
const SLOW_WORDS_LIMIT = 10_000;

/** A rule sees the words after its command. */
type Rule = (rest: string, isFirstTime: boolean) => StubReply;

const RULES: Readonly<Record<string, Rule>> = {
  say: (rest) => ({ text: rest }),
  slow: (rest) => {
    const [count = "20", delay = String(SLOW_DELAY_MS)] = rest.split(/\s+/);
    const words = Math.min(Number(count) || 20, SLOW_WORDS_LIMIT);
    const text = Array.from({ length: words }, (_, index) => `word${index + 1}`).join(" ");
    return { text, delayMs: Number(delay) || 0 };
  },
  call: (rest) => {
    const [, name = "", input = ""] = /^(\S+)\s*([^]*)$/.exec(rest) ?? [];
    return { toolCalls: [{ name, arguments: input === "" ? "{}" : input }] };
  },
  reason: (rest) => ({ reasoning: `Thinking about ${rest}.`, text: rest }),
  fail: (rest) => failure(Number(rest)),
  "fail-once": (rest, isFirstTime) => (isFirstTime ? failure(Number(rest)) : { text: "recovered" }),
  "fail-midstream": () => ({ text: "this answer breaks off before its end", breakAfterChunks: 3 }),
  hang: () => ({ isHanging: true }),
  length: () => ({ text: "this answer was too long and is", finish: "length" }),
  empty: () => ({}),
};

/** The answer that the last message asks for: `say X`, `slow N [ms]`, `call NAME {json}`, `reason X`,
 *  `fail STATUS`, `fail-once STATUS`, `fail-midstream`, `hang`, `length`, `empty`; a tool's result is told
 *  back, and anything else is repeated.
 *  @param seen  commands that came before, for `fail-once`; added to */
export function replyByRule(request: ChatRequest, seen: Set<string>): StubReply {
  const last = request.messages.findLast(({ role }) => role === "user" || role === "tool");
  if (last === undefined) return { text: "There is no message to answer." };
  if (last.role === "tool") {
    const calls = request.messages.flatMap(({ toolCalls }) => toolCalls);
    const name = calls.find(({ id }) => id === last.toolCallId)?.name ?? "unknown";
    return { text: `The tool ${name} answered: ${last.text}` };
  }
  // The line that names the speaker is not part of the command.
  const said = last.text.replace(/^\[from [^\]\n]*\]\n/, "").trim();
  const [, command = "", rest = ""] = /^(\S+)\s*([^]*)$/.exec(said) ?? [];
  const rule = Object.hasOwn(RULES, command) ? RULES[command] : undefined;
  if (rule === undefined) return { text: `You said: ${said}` };
  const isFirstTime = !seen.has(said);
  seen.add(said);
  return rule(rest, isFirstTime);
}

function failure(status: number): StubReply {
  const isError = Number.isInteger(status) && status >= 400 && status <= 599;
  return {
    failure: {
      status: isError ? status : 500,
      message: `scripted failure ${isError ? status : 500}`,
      ...(status === 429 && { retryAfterSeconds: 2 }),
    },
  };
}
