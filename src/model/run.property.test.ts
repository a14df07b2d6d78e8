import { expect, test } from "vitest";
import { always } from "./always.test-support.ts";
import { replay } from "./apply.ts";
import type { Entry } from "./entry.ts";
import { answeredIdsOf } from "./part.ts";
import { isEnded, RUN_TRANSITIONS } from "./run-transitions.ts";
import type { RunEvent } from "./run-transitions.ts";
import type { Run, RunStatus } from "./run.ts";
import { statusOf } from "./thread.ts";
import type { ThreadHead } from "./thread.ts";
import { headOf, nodeOf, nodesOn, pathFrom, reachable } from "./world.test-support.ts";

test("at most one run holds a branch, and every run that was asked for holds one or waits", () => {
  always(({ steps }) => {
    for (const { after } of steps) {
      if (after === null) continue;
      const { holds, runs, queued } = after.activity;
      expect(new Set(Object.values(holds)).size).toBe(Object.keys(holds).length);
      for (const [branch, runId] of Object.entries(holds)) {
        expect(Object.keys(after.branches)).toContain(branch);
        expect(runs.find(({ id }) => id === runId)?.branch).toBe(branch);
      }
      for (const { id, branch, status } of runs) {
        expect(isEnded(status)).toBe(false);
        expect(Object.keys(holds), `${id} waits for a free branch`).toContain(branch);
        if (holds[branch] !== id) expect(status).toBe("queued");
      }
      for (const { branch } of queued) expect(Object.keys(holds)).toContain(branch);
    }
  });
});

test("while a run holds a branch, only that run moves its head", () => {
  always(({ world }) => {
    for (const log of world.logs)
      everyStep(log.entries, (before, entry, after) => {
        for (const [branch, runId] of Object.entries(before.activity.holds)) {
          if (before.branches[branch]?.messageId === after.branches[branch]?.messageId) continue;
          expect(["message.open", "message.append"]).toContain(entry.op);
          const moved = nodeOf(world, after.branches[branch]?.messageId ?? "");
          // The end of a run closes the calls that it leaves.
          if (moved.message.runId === undefined) expect(moved.message.role).toBe("tool");
          else expect(moved.message.runId).toBe(runId);
        }
      });
  });
});

test("a run changes its state only as the table allows, and never after its end", () => {
  always(({ world }) => {
    for (const { entries } of world.logs) {
      const ended = new Set<string>();
      everyStep(entries, (before, entry, after) => {
        if (entry.op !== "run.update" && entry.op !== "run.end") return;
        const { runId, event } = entry.data;
        expect(ended).not.toContain(runId);
        const from = runIn(before, runId)?.status;
        const to = runIn(after, runId)?.status ?? entry.data.run.status;
        if (from === undefined) return expect.fail(`${runId} has no state`);
        if (event !== undefined) expect(RUN_TRANSITIONS[from][event]).toBe(to);
        else expect(to).toBe(from);
        if (entry.op === "run.end") ended.add(runId);
      });
    }
  });
});

test("the table says what every event does in every state", () => {
  const states = Object.keys(RUN_TRANSITIONS) as RunStatus[];
  const events = Object.keys(RUN_TRANSITIONS.queued) as RunEvent[];
  expect(states).toHaveLength(9);
  expect(events).toHaveLength(9);
  for (const state of states) {
    const row = RUN_TRANSITIONS[state];
    expect(Object.keys(row).sort()).toEqual([...events].sort());
    for (const event of events) expect([...states, "ignore", "refuse"]).toContain(row[event]);
    // What has ended stays as it is; what has not can always be stopped and always be failed.
    if (isEnded(state)) {
      const stays = events.filter((event) => event !== "request_cancel");
      expect(stays.map((event) => row[event])).toEqual(stays.map(() => "refuse"));
      expect(row.request_cancel).toBe("ignore");
    } else {
      expect(isEnded(row.cancel as RunStatus)).toBe(true);
      expect(isEnded(row.fail as RunStatus)).toBe(true);
      expect(row.request_cancel).not.toBe("refuse");
    }
    // A stop that was asked for ends as one, whatever happens in between.
    if (state === "cancelling")
      expect(new Set(events.map((event) => row[event]))).toEqual(
        new Set(["cancelling", "cancelled", "refuse", "ignore"]),
      );
  }
});

test("every state can be reached, and from every state an end", () => {
  const next = (state: RunStatus): readonly RunStatus[] =>
    Object.values(RUN_TRANSITIONS[state]).filter((to) => to !== "ignore" && to !== "refuse");
  const from = (start: RunStatus): Set<RunStatus> => {
    const found = new Set([start]);
    for (const state of found) for (const to of next(state)) found.add(to);
    return found;
  };
  expect([...from("queued")].sort()).toEqual(Object.keys(RUN_TRANSITIONS).sort());
  for (const state of Object.keys(RUN_TRANSITIONS) as RunStatus[])
    expect([...from(state)].some(isEnded), state).toBe(true);
});

test("the fence of a run only grows, and an older one cannot write", () => {
  always(({ steps }) => {
    const fences = new Map<string, number>();
    for (const { before, after, command, rejection } of steps) {
      for (const { id, fence } of after?.activity.runs ?? []) {
        expect(fence).toBeGreaterThanOrEqual(fences.get(id) ?? 0);
        fences.set(id, fence);
      }
      if (
        command.type === "run.claim" &&
        before !== null &&
        after !== null &&
        rejection === undefined
      ) {
        const [was, is] = [before, after].map((head) => runIn(head, command.runId)?.fence);
        expect(is).toBe((was ?? 0) + 1);
      }
      if (command.type !== "run.progress" || command.actions.length === 0) continue;
      const run = before && runIn(before, command.runId);
      if (run && run.fence !== command.fence) expect(rejection?.code).toBe("lease_lost");
    }
  });
});

test("a cancelled run loses no message that waits for it", () => {
  always(({ steps, world }) => {
    for (const { before, after, command } of steps) {
      if (command.type !== "run.cancel" || before === null || after === null) continue;
      const now = reachable(world, after);
      for (const { messageId } of before.activity.queued) expect(now).toContain(messageId);
    }
  });
});

test("a run ends with the last message that it waited with", () => {
  always(({ steps }) => {
    for (const { before, after, command, entries } of steps) {
      if (command.type !== "message.discard" || entries.length === 0) continue;
      const { messageId } = command;
      const taken = before?.activity.queued.find((queued) => queued.messageId === messageId);
      const left = after?.activity.queued.some(({ runId }) => runId === taken?.runId);
      const wasWaiting = before?.activity.runs.some(({ id }) => id === taken?.runId);
      const isWaiting = after?.activity.runs.some(({ id }) => id === taken?.runId);
      // Messages of a run that was cancelled wait on without it.
      if (wasWaiting === true) expect(isWaiting).toBe(left);
    }
  });
});

test("messages that wait take their places in the order in which they were said", () => {
  always(({ world }) => {
    for (const { entries } of world.logs) {
      const order = new Map<string, number>();
      const last = new Map<string, number>();
      for (const entry of entries) {
        if (entry.op === "message.enqueue") order.set(entry.data.message.id, entry.version);
        if (entry.op !== "message.dequeue" || entry.data.place === undefined) continue;
        const { branch, messageId } = entry.data;
        const version = order.get(messageId) ?? 0;
        expect(version).toBeGreaterThan(last.get(branch) ?? 0);
        last.set(branch, version);
      }
    }
  });
});

test("runs that wait take their branch in the order in which they were asked for", () => {
  always(({ world }) => {
    for (const { entries } of world.logs) {
      const order = new Map<string, number>();
      const last = new Map<string, number>();
      everyStep(entries, (_before, entry, after) => {
        if (entry.op === "run.start") order.set(entry.data.run.id, entry.version);
        const isTaken =
          (entry.op === "run.start" || entry.op === "run.update") && entry.data.holds === true;
        if (!isTaken) return;
        const id = entry.op === "run.start" ? entry.data.run.id : entry.data.runId;
        const branch = runIn(after, id)?.branch ?? "";
        expect(order.get(id)).toBeGreaterThan(last.get(branch) ?? 0);
        last.set(branch, order.get(id) ?? 0);
      });
    }
  });
});

test("a run that has ended leaves nothing open, and no call without an answer", () => {
  always(({ world }) => {
    for (const { entries } of world.logs)
      everyStep(entries, (before, entry, after) => {
        if (entry.op !== "run.end") return;
        const { runId } = entry.data;
        expect(after.activity.open.map((open) => open.runId)).not.toContain(runId);
        const held = Object.entries(before.activity.holds).find(([, holder]) => holder === runId);
        if (held !== undefined) expect(after.branches[held[0]]?.pending).toEqual([]);
      });
  });
});

test("runs are counted by state, and the thread is idle when none is left", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const head = headOf(log);
      const { runs, runCount, runsByStatus, lastRunId } = head.activity;
      const started = log.entries.flatMap((entry) =>
        entry.op === "run.start" ? [entry.data.run.id] : [],
      );
      const counts: Record<string, number> = {};
      const count = (status: string): number => (counts[status] = (counts[status] ?? 0) + 1);
      for (const { status } of runs) count(status);
      for (const entry of log.entries)
        if (entry.op === "run.end") count(entry.data.run.status ?? "no status");
      expect(runCount).toBe(started.length);
      expect(lastRunId).toBe(started.at(-1) ?? null);
      expect(runsByStatus).toEqual(counts);
      expect(statusOf(head.activity) === "idle").toBe(runs.length === 0);
    }
  });
});

test("a deleted thread has no run, and nothing in it changes before it comes back", () => {
  always(({ steps }) => {
    for (const { before, after, command, entries } of steps) {
      if (after?.profile.deletedAt != null) expect(after.activity.runs).toEqual([]);
      if (before?.profile.deletedAt == null || entries.length === 0) continue;
      expect(["undelete", "purge"]).toContain(command.type);
    }
  });
});

test("a run waits only while there is something to wait for and nothing to do", () => {
  always(({ steps }) => {
    for (const { after } of steps)
      for (const { status, actions = [], signals = [] } of after?.activity.runs ?? []) {
        if (status !== "requires_action") continue;
        expect(actions.some((action) => action.status === "waiting")).toBe(true);
        expect(actions.filter((action) => action.status === "decided")).toEqual([]);
        const events = actions.filter(
          ({ kind, status: its }) => kind === "event" && its === "waiting",
        );
        expect(signals.filter(({ name }) => events.some((event) => event.name === name))).toEqual(
          [],
        );
      }
  });
});

test("what a run asks for is decided once, and a path has one answer to a call", () => {
  always(({ world }) => {
    for (const { entries } of world.logs) {
      const decided = new Set<string>();
      for (const entry of entries) {
        if (entry.op === "run.update" && entry.data.run.journalFrom !== undefined) decided.clear();
        if (entry.op === "message.append") {
          const { message, place } = entry.data;
          const before = nodesOn(world, place.parentId).flatMap(({ answers }) => answers);
          for (const callId of answeredIdsOf(message.parts)) expect(before).not.toContain(callId);
        }
        if (entry.op !== "approval.decide") continue;
        const name = `${entry.data.runId} ${entry.data.actionId}`;
        expect(decided).not.toContain(name);
        decided.add(name);
      }
    }
  });
});

test("a run that is rolled back leaves its branch where it found it, and its path on another one", () => {
  always(({ steps, world }) => {
    for (const { before, after, entries } of steps)
      for (const entry of entries) {
        if (entry.op !== "run.end" || before === null || after === null) continue;
        const run = runIn(before, entry.data.runId);
        const isHeld = run !== undefined && before.activity.holds[run.branch] === run.id;
        const isRolledBack = entries.some(
          (other) =>
            other.op === "run.update" &&
            other.data.runId === run?.id &&
            other.data.run.isRolledBack === true,
        );
        if (!isHeld || !(run.isRolledBack === true || isRolledBack) || run.base === undefined)
          continue;
        const path = pathFrom(world, after.branches[run.branch]?.messageId ?? null);
        const left = before.branches[run.branch]?.messageId ?? null;
        if (run.base.messageId !== null) expect(path).toContain(run.base.messageId);
        if (left === null || left === run.base.messageId) continue;
        expect(path).not.toContain(left);
        expect(reachable(world, after)).toContain(left);
      }
  });
});

function everyStep(
  entries: readonly Entry[],
  look: (before: ThreadHead, entry: Entry, after: ThreadHead) => void,
): void {
  let before = replay(entries.slice(0, 1));
  for (const entry of entries.slice(1)) {
    const after = replay([entry], before);
    if (before !== null && after !== null) look(before, entry, after);
    before = after;
  }
}

function runIn(head: ThreadHead, id: string): Run | undefined {
  return head.activity.runs.find((run) => run.id === id);
}
