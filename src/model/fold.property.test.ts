import fc from "fast-check";
import { expect, test } from "vitest";
import { always } from "./always.test-support.ts";
import { mergePatch } from "./apply.ts";
import type { Command } from "./command.ts";
import type { Entry } from "./entry.ts";
import type { JsonObject } from "./json.ts";
import { text } from "./part.ts";
import type { ThreadHead } from "./thread.ts";
import { MAIN, threadOf } from "./thread.ts";
import { autoTitle, preview } from "./title.ts";
import { addCost, addUsage, NO_COST, NO_USAGE, priceUsage } from "./usage.ts";
import type { Cost, Usage } from "./usage.ts";
import { headOf, nodeOf, nodesOn, shownFrom } from "./world.test-support.ts";
import type { World } from "./world.test-support.ts";

test("message counts are the lengths of what they count", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const head = headOf(log);
      const own = log.entries.filter(
        (entry) =>
          entry.op === "message.append" ||
          entry.op === "message.open" ||
          (entry.op === "message.dequeue" && entry.data.place !== undefined),
      );
      const { messageCount, messagesTotal } = threadOf(head);
      const included = log.origin === undefined ? [] : shownFrom(world, log.origin.head);
      expect(messagesTotal).toBe(included.length + own.length);
      expect(messageCount).toBe(shownFrom(world, head.branches[MAIN] ?? expect.fail()).length);
    }
  });
});

test("the last message is the newest text of a person or an agent on main", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const head = headOf(log);
      const open = new Set(head.activity.open.map(({ messageId }) => messageId));
      // A fork of what was trimmed has never seen what was before.
      const first = log.origin?.head.floor?.depth ?? 0;
      const path = nodesOn(world, head.branches[MAIN]?.messageId ?? null).filter(
        ({ place }) => (place?.depth ?? 0) >= first,
      );
      // Redaction takes the text out of the preview, but does not choose another message.
      if (path.some(({ isRedacted }) => isRedacted)) continue;
      const newest = path.find(
        ({ message: { id, role, parts } }) =>
          (role === "user" || role === "assistant") && !open.has(id) && preview(parts) !== null,
      );
      const { lastMessage } = head.activity;
      expect(lastMessage?.id ?? null).toBe(newest?.message.id ?? null);
      expect(lastMessage?.text ?? null).toBe(newest ? preview(newest.message.parts) : null);
    }
  });
});

test("usage and cost of a thread and of a run are the sums over the messages that were written", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const head = headOf(log);
      const spent = log.entries.flatMap((entry) => spendingOf(world, entry));
      expect(head.activity.usage).toEqual(
        spent.reduce((sum, it) => addUsage(sum, it.usage), NO_USAGE),
      );
      expect(head.activity.cost).toEqual(spent.reduce((sum, it) => addCost(sum, it.cost), NO_COST));
      const runs = log.entries.flatMap((entry) => (entry.op === "run.end" ? [entry.data] : []));
      const all = [
        ...head.activity.runs,
        ...runs.map(({ runId: id, run: { usage, cost } }) => ({ id, usage, cost })),
      ];
      for (const { id, usage, cost } of all) {
        const own = spent.filter(({ runId }) => runId === id);
        expect(usage).toEqual(own.reduce((sum, it) => addUsage(sum, it.usage), NO_USAGE));
        expect(cost).toEqual(own.reduce((sum, it) => addCost(sum, it.cost), NO_COST));
      }
    }
  });
});

test("sums of usage and cost do not depend on the order", () => {
  const count = fc.nat({ max: 1_000_000 });
  const usage: fc.Arbitrary<Usage> = fc
    .tuple(count, count, count, count)
    .map(([inputTokens, outputTokens, reasoning, cached]) => ({
      inputTokens,
      outputTokens,
      ...(reasoning % 2 === 0 && { reasoningTokens: reasoning }),
      ...(cached % 2 === 0 && { cachedInputTokens: cached }),
    }));
  const cost: fc.Arbitrary<Cost> = fc.record({ nanoDollars: count, unpricedCalls: count });
  fc.assert(
    fc.property(usage, usage, usage, cost, cost, (a, b, c, x, y) => {
      expect(addUsage(a, b)).toEqual(addUsage(b, a));
      expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)));
      expect(addUsage(addUsage(NO_USAGE, a), b)).toEqual(addUsage(a, b));
      expect(addCost(x, y)).toEqual(addCost(y, x));
      expect(addCost(x, NO_COST)).toEqual(x);
    }),
  );
});

test("a call without a price is counted as unpriced, one with a price costs whole nano-dollars", () => {
  const usage = { inputTokens: 1_000, outputTokens: 10, cachedInputTokens: 400 };
  expect(priceUsage(usage, undefined)).toEqual({ nanoDollars: 0, unpricedCalls: 1 });
  const price = { input: 2_500, output: 10_000, cachedInput: 1_250 };
  expect(priceUsage(usage, price)).toEqual({
    nanoDollars: 600 * 2_500 + 400 * 1_250 + 10 * 10_000,
    unpricedCalls: 0,
  });
  expect(priceUsage(usage, { input: 0.33, output: 0 }).nanoDollars).toBe(330);
});

test("an automatic title never replaces one that a person set", () => {
  always(({ steps }) => {
    for (const { before, after, command, entries } of steps) {
      if (before?.profile.titleSource !== "human" || before.profile.title === null) continue;
      // Going back to an earlier version is a person's doing.
      if (command.type === "restore" || entries.length === 0) continue;
      if (command.type === "set" && command.titleSource === "human") continue;
      const { title, titleSource } = before.profile;
      expect(after?.profile).toMatchObject({ title, titleSource });
    }
  });
});

test("the first words of a person on main name a thread that has no name", () => {
  always(({ steps }) => {
    for (const { before, after, command } of steps) {
      if (command.type !== "append" || after === before) continue;
      if (before?.profile.title !== null || before.profile.titleSource !== "auto") continue;
      // An answer to a context that has moved on stands on a branch of its own.
      const isOnMain = after?.branches[MAIN] !== before.branches[MAIN];
      const waitingOnMain = ({ activity }: ThreadHead): number =>
        activity.queued.filter(({ branch }) => branch === MAIN).length;
      const isQueued = after !== null && waitingOnMain(after) !== waitingOnMain(before);
      if (command.branch === MAIN && !isOnMain && !isQueued) continue;
      const words = command.messages
        .filter(({ role }) => role === "user")
        .map(({ parts }) => autoTitle(parts))
        .find((title) => title !== null);
      if (command.branch === MAIN) expect(after?.profile.title).toBe(words ?? null);
      else expect(after?.profile.title).toBe(null);
    }
  });
});

test("an automatic title has at most 50 characters, on one line, of whole words", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (said) => {
      const title = autoTitle([text(said)]);
      const words = said.split(/[\s\p{Cc}]+/u).filter(Boolean);
      if (title === null) {
        expect(words).toEqual([]);
        return;
      }
      expect(Array.from(title).length).toBeLessThanOrEqual(50);
      expect(title.isWellFormed() || !said.isWellFormed()).toBe(true);
      if (!title.endsWith("…"))
        expect(words.slice(0, title.split(" ").length)).toEqual(title.split(" "));
    }),
  );
});

test("tags and metadata are what the commands say, one after another", () => {
  always(({ steps, world }) => {
    for (const log of world.logs) {
      let tags: readonly string[] = [];
      let metadata: JsonObject = {};
      const done = steps.filter((step) => step.log === log && step.rejection === undefined);
      const commands = done.flatMap(({ command }): readonly Command[] =>
        command.type === "batch" ? command.commands : [command],
      );
      for (const command of commands) {
        if (command.type === "restore") ({ tags, metadata } = command.target);
        if (command.type !== "set") continue;
        const { addTags = [], removeTags = [] } = command;
        tags = [...new Set([...tags, ...addTags])].filter((tag) => !removeTags.includes(tag));
        metadata = mergePatch(metadata, command.metadata ?? {});
      }
      expect([...headOf(log).profile.tags].sort()).toEqual([...tags].sort());
      expect(headOf(log).profile.metadata).toEqual(metadata);
    }
  });
});

test("a merge patch follows RFC 7396, whatever the keys are called", () => {
  const key = fc.constantFrom("a", "b", "__proto__", "constructor");
  const value: fc.Arbitrary<JsonObject> = fc.letrec<{ value: JsonObject }>((tie) => ({
    value: fc
      .array(fc.tuple(key, fc.oneof(fc.constant(null), fc.nat(9), tie("value"))), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries) as JsonObject),
  })).value;
  fc.assert(
    fc.property(value, value, (target, patch) => {
      const before = JSON.stringify(target);
      const merged = mergePatch(target, patch);
      expect(JSON.stringify(target)).toBe(before);
      for (const name of Object.keys(patch)) {
        const wanted = patch[name];
        if (wanted === null) expect(Object.hasOwn(merged, name)).toBe(false);
        else if (typeof wanted === "number") expect(own(merged, name)).toBe(wanted);
        else expect(typeof own(merged, name)).toBe("object");
      }
      for (const name of Object.keys(target))
        if (!Object.hasOwn(patch, name)) expect(own(merged, name)).toEqual(own(target, name));
      expect(mergePatch(merged, patch)).toEqual(merged);
    }),
  );
});

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key)
    ? Object.getOwnPropertyDescriptor(object, key)?.value
    : undefined;
}

function spendingOf(
  world: World,
  entry: Entry,
): readonly {
  readonly runId: string | undefined;
  readonly usage: Usage;
  readonly cost: Cost;
}[] {
  if (entry.op === "message.append") {
    const { runId, usage = NO_USAGE, cost = NO_COST } = entry.data.message;
    return [{ runId, usage, cost }];
  }
  if (entry.op !== "message.commit") return [];
  const { messageId, usage = NO_USAGE, cost = NO_COST } = entry.data;
  return [{ runId: nodeOf(world, messageId).message.runId, usage, cost }];
}
