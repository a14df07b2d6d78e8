import fc from "fast-check";
import { expect, test } from "vitest";
import { always } from "./always.test-support.ts";
import { apply, replay } from "./apply.ts";
import { decide } from "./decide/decide.ts";
import type { Entry } from "./entry.ts";
import { histories } from "./history.test-support.ts";
import { play } from "./play.test-support.ts";
import type { ThreadHead } from "./thread.ts";
import { headOf } from "./world.test-support.ts";

test("replaying a log gives the state, at every version", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const atVersion = new Map(log.heads.map((head) => [head.version, head]));
      let head: ThreadHead | null = null;
      for (const entry of log.entries) {
        head = apply(head, entry);
        if (atVersion.has(head.version)) expect(head).toEqual(atVersion.get(head.version));
      }
      expect(head).toEqual(headOf(log));
      expect(replay(log.entries)).toEqual(headOf(log));
    }
  });
});

test("replaying a log that went through JSON gives the same state", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const entries: Entry[] = JSON.parse(JSON.stringify(log.entries));
      expect(JSON.stringify(replay(entries))).toBe(JSON.stringify(headOf(log)));
    }
  });
});

test("versions are 1, 2, 3 … without gaps, and every entry of a command has its key, time and actor", () => {
  always(({ world, steps }) => {
    for (const log of world.logs)
      expect(log.entries.map(({ version }) => version)).toEqual(
        log.entries.map((_entry, index) => index + 1),
      );
    for (const { entries, context } of steps)
      for (const entry of entries) {
        expect(entry.opId).toBe(context.opId);
        expect(entry.at).toBe(context.at);
        expect(entry.actor).toBe(context.actor);
        expect(entry.threadId).toBe(context.threadId);
      }
  });
});

test("the same command with the same context gives the same entries", () => {
  always(({ steps }) => {
    for (const { before, command, facts, context, entries, rejection } of steps) {
      const again = (): unknown => decide(before, command, facts, context).entries;
      if (rejection === undefined) expect(again()).toEqual(entries);
      else expect(again).toThrow(rejection.message);
    }
  });
});

test("a refused command leaves the head as it was, and says why with a code", () => {
  always(({ steps }) => {
    for (const { rejection, before, after } of steps)
      if (rejection !== undefined) {
        expect(after).toBe(before);
        expect(rejection.code).not.toBe("internal");
      }
  });
});

test("an unknown op raises the version and changes nothing else but the time", () => {
  const op = fc.constantFrom("toString", "constructor", "__proto__", "message.shout", "");
  fc.assert(
    fc.property(histories, op, fc.jsonValue(), (history, name, data) => {
      const head = headOf(play(history).world.logs[0] ?? expect.fail());
      const entry = {
        op: `x:${name}`,
        data,
        threadId: "th0",
        version: head.version + 1,
        at: 9_999,
      };
      for (const unknown of [entry, { ...entry, op: name }]) {
        const next = apply(head, unknown as unknown as Entry);
        expect(next).toEqual({
          ...head,
          version: head.version + 1,
          activity: { ...head.activity, updatedAt: 9_999 },
        });
      }
    }),
  );
});

test("what is said to an archived thread brings it back", () => {
  always(({ steps }) => {
    for (const { before, after, command, entries } of steps) {
      if (command.type !== "append" || entries.length === 0) continue;
      expect(after?.profile.archivedAt).toBe(null);
      const isBack = entries.some(({ op }) => op === "thread.unarchive");
      expect(isBack).toBe(before?.profile.archivedAt != null);
    }
  });
});

test("a log that does not start with thread.create, or skips a version, is refused", () => {
  const [first, second, third] =
    play([{ kind: "custom" }, { kind: "custom" }]).world.logs[0]?.entries ?? [];
  if (first === undefined || second === undefined || third === undefined) return expect.fail();
  expect(() => apply(null, second)).toThrow(TypeError);
  expect(() => apply(replay([first]), third)).toThrow(TypeError);
});

test("nothing in a head grows with the number of messages", () => {
  const sizeAfter = (messages: number): number => {
    const said = { kind: "say", shape: "turn", branch: 0, parent: "absent", pick: 1 } as const;
    const history = Array.from({ length: messages / 2 }, () => ({
      ...said,
      run: "none" as const,
      isGivenId: false,
    }));
    return JSON.stringify(headOf(play(history).world.logs[0] ?? expect.fail())).length;
  };
  // Only numbers and ids may get a few digits longer.
  expect(sizeAfter(2_000) - sizeAfter(10)).toBeLessThan(60);
});
