import type { Shape } from "./history.test-support.ts";
import type { NewMessage, Role } from "./message.ts";
import { text } from "./part.ts";
import type { Part } from "./part.ts";

/** Numbers for whatever needs a name. */
export interface Ids {
  ids: number;
}

/** What somebody says on a branch with these open calls. */
export function messagesFor(
  ids: Ids,
  shape: Shape,
  pending: readonly string[],
): readonly NewMessage[] {
  const say = (role: Role, ...parts: readonly Part[]): NewMessage =>
    newMessage(ids, role, parts.length === 0 ? [text(`word ${ids.ids} `.repeat(12))] : parts);
  const call = (): Extract<Part, { type: "tool-call" }> => ({
    type: "tool-call",
    callId: `call${ids.ids++}`,
    name: "look",
    inputText: "{}",
  });
  const [a, b] = [call(), call()];
  switch (shape) {
    case "user":
    case "system":
      return [say(shape)];
    case "users":
      return [say("user"), say("user")];
    case "wordless":
      return [say("user", { type: "data", name: "pin" })];
    case "answer":
      return [say("assistant")];
    case "turn":
      return [say("user"), say("assistant")];
    case "call":
      return [say("assistant", a)];
    case "calls":
      return [say("user"), say("assistant", a, b)];
    case "tool-turn":
      return [
        say("user"),
        say("assistant", a, b),
        say("tool", answer(b.callId), answer(a.callId)),
        say("assistant"),
      ];
    case "half-answered":
      return [say("user"), say("assistant", a, b), say("tool", answer(a.callId))];
    case "inline":
      return [say("user"), say("assistant", a, answer(a.callId), text("done"))];
    case "result":
      return [say("tool", answer(pending[0] ?? "call"))];
    case "results":
      return [say("tool", ...pending.map(answer))];
    case "unknown-result":
      return [say("tool", answer("nobody-called"))];
    case "results-then-user":
      return [say("tool", ...pending.map(answer)), say("user")];
    // Only an agent calls, and only a tool answers.
    case "misplaced":
      return [say(ids.ids % 2 === 0 ? "user" : "system", text("odd"), a)];
  }
}

export function answer(callId: string): Part {
  return {
    type: "tool-result",
    callId,
    name: "look",
    outcome: "ok",
    output: { type: "text", text: "seen" },
  };
}

export function newMessage(ids: Ids, role: Role, parts: readonly Part[]): NewMessage {
  const spent = ids.ids % 3 === 0 && {
    usage: { inputTokens: ids.ids, outputTokens: 2, reasoningTokens: 1 },
    cost: { nanoDollars: ids.ids * 7, unpricedCalls: ids.ids % 2 },
  };
  return { id: `m${ids.ids++}`, role, parts, ...spent };
}
