import { expect, test } from "vitest";
import { always } from "./always.test-support.ts";
import { replay } from "./apply.ts";
import { isInstruction } from "./message.ts";
import { messagesOn, oldestVersion } from "./thread.ts";
import type { ThreadHead } from "./thread.ts";
import { headOf, known, nodeOf, nodesOn, pathFrom, shownFrom } from "./world.test-support.ts";
import type { Step } from "./world.test-support.ts";

test("the log from a trim on replays to the state, and has no gap", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const oldest = oldestVersion(headOf(log));
      const kept = log.entries.filter(({ version }) => version >= oldest);
      expect(kept[0]?.op).toBe(oldest === 1 ? "thread.create" : "retention.trim");
      expect(replay(kept)).toEqual(headOf(log));
      expect(replay(JSON.parse(JSON.stringify(kept)))).toEqual(headOf(log));
    }
  });
});

test("every branch leads to messages that are still there, and counts them", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const there = new Set(known(world, log));
      for (const branch of Object.values(headOf(log).branches)) {
        const shown = shownFrom(world, branch);
        expect(messagesOn(branch)).toBe(shown.length);
        for (const id of shown) expect(there).toContain(id);
      }
    }
  });
});

test("a trim keeps the newest messages of every branch, as many as it was asked to", () => {
  always(({ steps, world }) => {
    for (const { command, before, after } of trimsOf(steps)) {
      if (command.type !== "trim" || before === null) continue;
      for (const branch of Object.values(before.branches)) {
        const path = shownFrom(world, branch);
        const { policy } = command;
        const asked =
          "keepLast" in policy
            ? path.slice(0, policy.keepLast)
            : path.filter((id) => nodeOf(world, id).at >= policy.before);
        const now = new Set(shownFrom(world, after.branches[branch.name] ?? expect.fail()));
        for (const id of asked) expect(now).toContain(id);
        if (branch.messageId !== null) expect(now).toContain(branch.messageId);
      }
    }
  });
});

test("a trim keeps every system message that a branch leads to, once", () => {
  always(({ steps, world }) => {
    for (const { before, after } of trimsOf(steps))
      for (const branch of Object.values(before?.branches ?? {})) {
        const instructions = shownFrom(world, branch).filter((id) =>
          isInstruction(nodeOf(world, id).message.role),
        );
        const now = shownFrom(world, after.branches[branch.name] ?? expect.fail());
        expect(now.filter((id) => instructions.includes(id))).toEqual(instructions);
      }
  });
});

test("a trim cuts between turns, where no call is open", () => {
  always(({ steps, world }) => {
    for (const { after } of trimsOf(steps))
      for (const { floor, messageId } of Object.values(after.branches)) {
        if (floor === undefined) continue;
        const { place } = nodeOf(world, floor.messageId);
        const parent = place?.parentId == null ? null : nodeOf(world, place.parentId).place;
        expect(parent?.turnId).not.toBe(place?.turnId);
        expect(parent?.pending ?? []).toEqual([]);
        expect(pathFrom(world, messageId)).toContain(floor.messageId);
        const above = nodesOn(world, place?.parentId ?? null);
        expect(floor.trimmed).toBe(above.filter((it) => !isInstruction(it.message.role)).length);
      }
  });
});

test("a trim leaves runs, and what is queued or being written, as they are", () => {
  always(({ steps }) => {
    for (const { before, after, context } of trimsOf(steps))
      expect(after.activity).toEqual({ ...before?.activity, updatedAt: context.at });
  });
});

test("a trim is refused while a run holds a branch that it would cut", () => {
  always(({ steps }) => {
    for (const { command, before, rejection, after } of steps) {
      if (command.type !== "trim" || before === null || before.profile.deletedAt !== null) continue;
      const held = command.branches.find(
        ({ branch, floor }) => floor !== null && Object.hasOwn(before.activity.holds, branch),
      );
      if (held !== undefined) expect(rejection?.code).toBe("run_active");
      else expect(after?.branches).toMatchObject(floorsOf(command.branches));
    }
  });
});

test("of every message that is still there, everything from its floor on is there, too", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const there = new Set(known(world, log));
      const floors = headOf(log).profile.trim?.floors ?? [];
      for (const id of there) {
        const { place, message } = nodeOf(world, id);
        if (place === null) continue;
        const path = pathFrom(world, id);
        const onPath = floors.filter(({ messageId }) => path.includes(messageId));
        const depth = Math.max(0, ...onPath.map((floor) => floor.depth));
        // What was kept for its instructions alone has lost its path.
        if (depth === 0 && floors.length > 0 && isInstruction(message.role)) continue;
        const above = path.slice(0, place.depth + 1 - depth);
        for (const needed of above) expect(there).toContain(needed);
      }
    }
  });
});

function trimsOf(steps: readonly Step[]): readonly (Step & { readonly after: ThreadHead })[] {
  return steps.flatMap((step) =>
    step.command.type === "trim" && step.after !== null && step.entries.length > 0
      ? [{ ...step, after: step.after }]
      : [],
  );
}

function floorsOf(
  planned: readonly { readonly branch: string; readonly floor: unknown }[],
): Record<string, unknown> {
  return Object.fromEntries(
    planned.flatMap(({ branch, floor }) => (floor === null ? [] : [[branch, { floor }]])),
  );
}
