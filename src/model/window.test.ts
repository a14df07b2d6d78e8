import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageBody, Role } from "./message.ts";
import { callIdsOf, text } from "./part.ts";
import type { Part } from "./part.ts";
import { estimateMessageTokens } from "./message-tokens.ts";
import { shorten } from "./elide-outputs.ts";
import { groupsOf } from "./message-groups.ts";
import { contextWindow, planWindow } from "./window.ts";
import type { WindowInput } from "./window.ts";

function message(id: string, role: Role, parts: readonly Part[] = [text(id)]): MessageBody {
  return { id, role, status: "completed", parts };
}
function call(...callIds: readonly string[]): readonly Part[] {
  return callIds.map((callId) => ({ type: "tool-call", callId, name: "clock", inputText: "{}" }));
}
function result(...callIds: readonly string[]): readonly Part[] {
  return callIds.map((callId) => ({
    type: "tool-result",
    callId,
    name: "clock",
    outcome: "ok",
    output: { type: "text", text: "noon" },
  }));
}
const idsOf = (messages: readonly MessageBody[]): readonly string[] => messages.map(({ id }) => id);

describe("a context window", () => {
  test("keeps the last 100 messages by default", () => {
    const all = Array.from({ length: 130 }, (_, index) =>
      message(`m${index}`, index % 2 === 0 ? "user" : "assistant"),
    );
    expect(idsOf(contextWindow(all))).toEqual(idsOf(all.slice(30)));
  });

  test("keeps system messages once, in front, and does not count them", () => {
    const all = [
      message("s1", "system"),
      message("u1", "user"),
      message("a1", "assistant"),
      message("d1", "developer"),
      message("u2", "user"),
      message("a2", "assistant"),
      message("s2", "system"),
      message("u3", "user"),
    ];
    expect(idsOf(contextWindow(all, { lastMessages: 2 }))).toEqual(["s1", "d1", "s2", "a2", "u3"]);
  });

  test("survives more system messages than the bound", () => {
    const all = "abcdefghijkl".split("").map((id) => message(id, "system"));
    expect(idsOf(contextWindow([...all, message("u", "user")], { lastMessages: 3 }))).toEqual([
      ..."abcdefghijkl".split(""),
      "u",
    ]);
  });

  test("drops a whole tool group rather than a part of it", () => {
    const all = [
      message("u1", "user"),
      message("c", "assistant", call("x", "y")),
      message("r1", "tool", result("x")),
      message("r2", "tool", result("y")),
      message("a", "assistant"),
      message("u2", "user"),
    ];
    expect(idsOf(contextWindow(all, { lastMessages: 4 }))).toEqual(["a", "u2"]);
    expect(idsOf(contextWindow(all, { lastMessages: 5 }))).toEqual(["c", "r1", "r2", "a", "u2"]);
  });

  test("leaves out a result whose call is not there", () => {
    const all = [message("r", "tool", result("x")), message("u", "user")];
    expect(idsOf(contextWindow(all))).toEqual(["u"]);
  });

  test("answers a dangling call with an unknown outcome", () => {
    const all = [
      message("u1", "user"),
      message("c", "assistant", call("x", "y")),
      message("r", "tool", result("y")),
      message("u2", "user"),
    ];
    const window = contextWindow(all);
    expect(idsOf(window)).toEqual(["u1", "c", "c:closed", "r", "u2"]);
    expect(window[2]?.parts).toMatchObject([{ callId: "x", outcome: "unknown" }]);
  });

  test("pairs each result with the nearest call before it when ids come again", () => {
    const all = [
      message("u1", "user"),
      message("c1", "assistant", call("x")),
      message("u2", "user"),
      message("c2", "assistant", call("x")),
      message("r2", "tool", result("x")),
    ];
    expect(idsOf(contextWindow(all))).toEqual(["u1", "c1", "c1:closed", "u2", "c2", "r2"]);
  });

  test("keeps the newest user message although many tool groups follow it", () => {
    const all = [
      message("u", "user"),
      ...Array.from({ length: 5 }, (_, n) => [
        message(`c${n}`, "assistant", call(`x${n}`)),
        message(`r${n}`, "tool", result(`x${n}`)),
      ]).flat(),
    ];
    expect(idsOf(contextWindow(all, { lastMessages: 4 }))).toEqual(["u", "c4", "r4"]);
  });

  test("fills a token budget from the newest message", () => {
    const all = ["a", "b", "c", "d"].map((id) => message(id, "user", [text("x".repeat(40))]));
    expect(idsOf(contextWindow(all, { tokenBudget: 25 }))).toEqual(["c", "d"]);
    expect(idsOf(contextWindow(all, { tokenBudget: 1 }))).toEqual(["d"]);
  });

  test("leaves out what is queued or still being written", () => {
    const all: readonly MessageBody[] = [
      message("u", "user"),
      { ...message("o", "assistant", []), status: "in_progress" },
      { ...message("q", "user"), status: "queued" },
    ];
    expect(idsOf(contextWindow(all))).toEqual(["u"]);
  });

  test("estimates a token per four characters", () => {
    expect(estimateMessageTokens({ parts: [text("12345678"), text("9")] })).toBe(3);
  });
});

const conversation = fc
  .array(fc.record({ kind: fc.constantFrom("u", "a", "s", "call", "orphan"), n: fc.nat(3) }), {
    maxLength: 30,
  })
  .map((steps) =>
    steps.flatMap(({ kind, n }, index): readonly MessageBody[] => {
      const id = `m${index}`;
      if (kind === "u") return [message(id, "user")];
      if (kind === "a") return [message(id, "assistant")];
      if (kind === "s") return [message(id, "system")];
      if (kind === "orphan") return [message(id, "tool", result(`gone${index}`))];
      const ids = Array.from({ length: n + 1 }, (_, k) => `call${index}.${k}`);
      const answers = ids
        .slice(0, n)
        .map((callId) => message(`r${callId}`, "tool", result(callId)));
      return [message(id, "assistant", call(...ids)), ...answers];
    }),
  );

test("a window always has exactly one result for every call, behind it, and repeats nothing", () => {
  fc.assert(
    fc.property(
      conversation,
      fc.integer({ min: 1, max: 40 }),
      fc.option(fc.integer({ min: 1, max: 40 })),
      (messages, lastMessages, tokenBudget) => {
        const window = contextWindow(messages, {
          lastMessages,
          ...(tokenBudget !== null && { tokenBudget }),
        });
        const open = new Set<string>();
        for (const { parts } of window) {
          for (const part of parts)
            if (part.type === "tool-result") expect(open.delete(part.callId)).toBe(true);
          for (const callId of callIdsOf(parts)) open.add(callId);
        }
        expect(open.size).toBe(0);
        expect(new Set(idsOf(window)).size).toBe(window.length);
        const system = messages.filter(({ role }) => role === "system");
        expect(idsOf(window.slice(0, system.length))).toEqual(idsOf(system));
        const newest = messages.findLast(({ role }) => role === "user");
        if (newest !== undefined) expect(idsOf(window)).toContain(newest.id);
      },
    ),
  );
});

test("a window has what is pinned, and exceeds the budget only by what has to be there", () => {
  fc.assert(
    fc.property(
      conversation,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.nat(30), { maxLength: 3 }),
      fc.nat(10),
      (messages, lastMessages, tokenBudget, pins, reservedTokens) => {
        const pinned = new Set(pins.map((n) => `m${n}`));
        const window = planWindow(messages, { lastMessages, tokenBudget, pinned, reservedTokens });
        const ids = new Set(idsOf(window.messages));
        const answerable = messages.filter(({ role }) => role !== "tool");
        for (const { id } of answerable) if (pinned.has(id)) expect(ids).toContain(id);
        const inWindow = groupsOf(window.messages);
        const newest = inWindow.findLast((group) => group.some(({ role }) => role === "user"));
        const needed = inWindow.filter(
          (group) =>
            group === newest ||
            group === inWindow.at(-1) ||
            group.some(({ id, role }) => role === "system" || pinned.has(id)),
        );
        const tokens = (all: readonly MessageBody[]) =>
          all.reduce((sum, each) => sum + estimateMessageTokens(each), 0);
        expect(window.tokens).toBe(tokens(window.messages) + reservedTokens);
        expect(window.tokens).toBeLessThanOrEqual(
          Math.max(tokenBudget, tokens(needed.flat()) + reservedTokens),
        );
        const left = window.leftOut.map(({ message: { id } }) => id);
        expect(new Set([...left, ...idsOf(messages).filter((id) => ids.has(id))]).size).toBe(
          messages.length,
        );
      },
    ),
  );
});

test("a window says why it lacks what it lacks", () => {
  const all: readonly MessageBody[] = [
    message("r", "tool", result("gone")),
    message("a", "user"),
    message("b", "assistant"),
    message("c", "user"),
    { ...message("d", "user"), status: "queued" },
    { ...message("e", "assistant"), status: "in_progress" },
  ];
  const reasons = (input: WindowInput) =>
    planWindow(all, input).leftOut.map(({ message: { id }, reason }) => [id, reason]);
  const waiting = [
    ["d", "queued"],
    ["e", "in_progress"],
  ];
  expect(reasons({ lastMessages: 2 })).toEqual([
    ["r", "unanswerable"],
    ["a", "last_messages"],
    ...waiting,
  ]);
  expect(reasons({ tokenBudget: 1 }).slice(1, 3)).toEqual([
    ["a", "token_budget"],
    ["b", "token_budget"],
  ]);
  expect(reasons({ covered: new Set(["a"]) }).slice(1)).toEqual([["a", "summarized"], ...waiting]);
});

test("a shortened text keeps its beginning and end, and no half of a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.nat(200), (words, most) => {
      const cut = shorten(words, most);
      expect(cut.isWellFormed()).toBe(true);
      if (words.length <= most) expect(cut).toBe(words);
      else expect(cut).toContain(`${words.length - most} characters left out`);
    }),
  );
});
