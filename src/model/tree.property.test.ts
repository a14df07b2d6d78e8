import { expect, test } from "vitest";
import { always } from "./always.test-support.ts";
import type { Entry } from "./entry.ts";
import type { Place } from "./message.ts";
import type { BranchHead } from "./thread.ts";
import { addressOf, headOf, nodeOf, nodesOn, pathFrom, reachable } from "./world.test-support.ts";
import type { Node, World } from "./world.test-support.ts";

const MAY_LOSE: ReadonlySet<string> = new Set(["branch.remove", "message.discard", "trim"]);

test("every acknowledged message is on a branch or waits, unless its branch was removed or it was trimmed", () => {
  always(({ steps, world }) => {
    for (const [index, { before, after, command, entries }] of steps.entries()) {
      if (after === null || entries.length === 0) continue;
      const at = `step ${index}, ${command.type}`;
      const now = reachable(world, after);
      const said = entries.flatMap(({ op, data }) =>
        op === "message.append" || op === "message.open" || op === "message.enqueue"
          ? [data.message.id]
          : [],
      );
      for (const id of said) expect(now, `${at}: ${id}`).toContain(id);
      if (before === null || MAY_LOSE.has(command.type)) continue;
      for (const id of reachable(world, before)) expect(now, `${at}: ${id}`).toContain(id);
    }
  });
});

test("a message keeps its parent, its place and its turn for ever", () => {
  always(({ world }) => {
    const places = world.logs.flatMap(({ entries }) => entries.flatMap(placed));
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length);
    for (const { id, place } of places)
      expect(nodeOf(world, id).place).toEqual({ ...place, pending: expect.any(Array) });
  });
});

test("an answer keeps the context that it was made from", () => {
  always(({ steps, world }) => {
    for (const { command, entries } of steps) {
      if (command.type !== "append" || command.parentId === undefined) continue;
      const isAnswer = command.messages.some(({ role }) => role === "assistant" || role === "tool");
      const first = entries.flatMap(placed).find(({ id }) => id === command.messages[0]?.id);
      if (!isAnswer || first === undefined) continue;
      // Between what was seen and what is said stands at most what closes calls that nobody answered.
      const closings = new Set(entries.flatMap(placed).map(({ id }) => id));
      for (const { id } of command.messages) closings.delete(id);
      const last = command.messages.at(-1)?.id ?? null;
      const path = pathFrom(world, last).filter((id) => !closings.has(id));
      const said = command.messages.map(({ id }) => id).toReversed();
      expect(path).toEqual([...said, ...pathFrom(world, command.parentId)]);
      for (const id of closings) expect(nodeOf(world, id).message.role).toBe("tool");
    }
  });
});

test("what a person says moves to a newer head only if what they saw last is still behind it", () => {
  always(({ steps, world }) => {
    for (const { command, entries, log } of steps) {
      if (command.type !== "append" || command.parentId == null) continue;
      // What was seen last may be what a rollback has taken away.
      if (
        log.entries.some(
          ({ op, data }) => op === "run.update" && "run" in data && data.run.isRolledBack === true,
        )
      )
        continue;
      for (const { id } of command.messages.slice(0, 1)) {
        const node = world.nodes.get(id);
        if (entries.length === 0 || node?.place == null) continue;
        const parent = nodeOf(world, command.parentId);
        // Somebody who answers a message that waits, and is then taken back, speaks at the head.
        if (parent.isDiscarded) continue;
        expect(pathFrom(world, id)).toContain(command.parentId);
      }
    }
  });
});

test("who answers a message that waits, waits behind it", () => {
  always(({ steps }) => {
    for (const { command, before, after, entries } of steps) {
      if (command.type !== "append" || entries.length === 0) continue;
      // Who interrupts may be the next at once.
      if (command.run?.strategy === "interrupt" || command.run?.strategy === "rollback") continue;
      const parent = before?.activity.queued.find(
        ({ messageId }) => messageId === command.parentId,
      );
      if (parent?.branch !== command.branch) continue;
      const waiting = after?.activity.queued.map(({ messageId }) => messageId) ?? [];
      const said = command.messages.map(({ id }) => id);
      expect(waiting.slice(waiting.length - said.length)).toEqual(said);
    }
  });
});

test("a message stands behind its parent in the log", () => {
  always(({ world }) => {
    for (const log of world.logs) {
      const known = new Set(pathFrom(world, log.origin?.head.messageId ?? null));
      for (const { id, place } of log.entries.flatMap(placed)) {
        if (place.parentId !== null) expect(known).toContain(place.parentId);
        known.add(id);
      }
    }
  });
});

test("a question stands before its answer", () => {
  always(({ world, steps }) => {
    for (const { after } of steps)
      for (const run of after?.activity.runs ?? []) {
        const written = [...world.nodes.values()].filter(({ message }) => message.runId === run.id);
        for (const { message } of written) {
          const path = pathFrom(world, message.id);
          const asked = run.inputIds.filter((id) => !nodeOf(world, id).isDiscarded);
          for (const id of asked) expect(path).toContain(id);
          if (run.turnId !== null) expect(nodeOf(world, message.id).place?.turnId).toBe(run.turnId);
        }
      }
  });
});

test("turns are not interleaved on any path", () => {
  always(({ world }) => {
    for (const head of tips(world)) {
      const turns = nodesOn(world, head).map(({ place }) => place?.turnId);
      const blocks = turns.filter((turn, index) => turn !== turns[index - 1]);
      expect(new Set(blocks).size).toBe(blocks.length);
    }
  });
});

test("a person's words begin a turn, and what follows them belongs to it", () => {
  always(({ steps, world }) => {
    for (const { command, entries } of steps) {
      if (command.type !== "append") continue;
      const turns = new Map(entries.flatMap(placed).map(({ id, place }) => [id, place.turnId]));
      for (const [index, { id, role }] of command.messages.entries()) {
        const turn = turns.get(id);
        if (turn === undefined) continue;
        const before = command.messages[index - 1];
        const parentId = nodeOf(world, id).place?.parentId ?? null;
        const outer = parentId === null ? id : nodeOf(world, parentId).place?.turnId;
        // Words that were sent together are one turn.
        if (role !== "user") expect(turn).toBe(outer);
        else expect(turn).toBe(before?.role === "user" ? turns.get(before.id) : id);
      }
    }
  });
});

test("an edit puts a sibling in the place of a message of its branch, and keeps the old path", () => {
  always(({ steps, world }) => {
    for (const { command, entries, before, after } of steps) {
      if (command.type !== "edit" || entries.length === 0) continue;
      const { messageId, branch, message } = command;
      expect(pathFrom(world, before?.branches[branch]?.messageId ?? null)).toContain(messageId);
      const [old, sibling] = [nodeOf(world, messageId), nodeOf(world, message.id)];
      expect(sibling.place?.parentId).toBe(old.place?.parentId);
      expect(sibling.message.editOf).toBe(messageId);
      const kept = entries.flatMap((entry) =>
        entry.op === "branch.move" && entry.data.kept ? [entry.data.kept] : [],
      );
      expect(kept.map((it) => it.messageId)).toEqual([before?.branches[branch]?.messageId]);
      expect(after?.branches[kept[0]?.name ?? ""]).toEqual(kept[0]);
    }
  });
});

test("a truncation and a new answer go back to a message of their branch", () => {
  always(({ steps, world }) => {
    for (const { command, entries, before, after } of steps) {
      if ((command.type !== "truncate" && command.type !== "regenerate") || entries.length === 0)
        continue;
      const to = command.type === "truncate" ? command.to : command.messageId;
      expect(after?.branches[command.branch]?.messageId ?? null).toBe(to);
      const path = pathFrom(world, before?.branches[command.branch]?.messageId ?? null);
      if (to !== null) expect(path).toContain(to);
    }
  });
});

test("a branch waits for exactly the calls of its path that have no answer", () => {
  always(({ world, steps }) => {
    for (const { after } of steps) {
      // What was still being written then had not called anything yet.
      const open = new Set(after?.activity.open.map(({ messageId }) => messageId));
      for (const { pending, messageId } of Object.values(after?.branches ?? {})) {
        const written = nodesOn(world, messageId).filter(({ message }) => !open.has(message.id));
        expect([...pending].sort()).toEqual(openCalls(written));
      }
    }
  });
});

test("every answer of a tool stands behind its call, and answers it once", () => {
  always(({ world }) => {
    for (const head of tips(world)) {
      const open = new Set<string>();
      for (const { calls, answers } of nodesOn(world, head).toReversed()) {
        for (const id of calls) open.add(id);
        for (const id of answers) expect(open.delete(id), id).toBe(true);
      }
    }
  });
});

test("no cut stands between a tool call and its answer", () => {
  always(({ steps }) => {
    for (const { command, entries } of steps)
      for (const branch of entries.flatMap(cutOff)) {
        if (branch.reason === "diverged") continue;
        expect(branch.pending, command.type).toEqual([]);
      }
  });
});

test("two messages never share a place, and segments lead along the same path as parents", () => {
  always(({ world }) => {
    const taken = new Map<string, string>();
    for (const [id, { place }] of world.nodes) {
      if (place === null) continue;
      const { segment, position, continues, parentId } = place;
      const address = addressOf(segment, position);
      expect(taken.get(address) ?? id).toBe(id);
      taken.set(address, id);
      const before =
        position > 1
          ? addressOf(segment, position - 1)
          : continues && addressOf(continues.segment, continues.position);
      expect(before === undefined ? null : world.places.get(before)).toBe(parentId);
    }
  });
});

test("a branch counts its path, and stands where its last message stands", () => {
  always(({ world, steps }) => {
    for (const { after } of steps)
      for (const { messageId, count, segment, position, turnId } of Object.values(
        after?.branches ?? {},
      )) {
        const path = pathFrom(world, messageId);
        expect(count).toBe(path.length);
        const place = messageId === null ? undefined : nodeOf(world, messageId).place;
        if (place === undefined)
          expect({ position, turnId }).toEqual({ position: 0, turnId: null });
        else expect({ segment, position, turnId }).toEqual(addressIn(place));
        expect(place?.depth ?? -1).toBe(count - 1);
      }
  });
});

function addressIn(place: Place | null): unknown {
  return { segment: place?.segment, position: place?.position, turnId: place?.turnId };
}

function placed(entry: Entry): readonly { readonly id: string; readonly place: Place }[] {
  if (entry.op === "message.append" || entry.op === "message.open")
    return [{ id: entry.data.message.id, place: entry.data.place }];
  return entry.op === "message.dequeue" && entry.data.place !== undefined
    ? [{ id: entry.data.messageId, place: entry.data.place }]
    : [];
}

/** Where a command puts the head of a branch without adding a message. */
function cutOff(entry: Entry): readonly BranchHead[] {
  if (entry.op === "branch.create" || entry.op === "branch.move") return [entry.data.branch];
  return [];
}

function tips(world: World): readonly (string | null)[] {
  return world.logs.flatMap((log) =>
    Object.values(headOf(log).branches).map(({ messageId }) => messageId),
  );
}

function openCalls(path: readonly Node[]): string[] {
  const open = new Set<string>();
  for (const { calls, answers } of path.toReversed()) {
    for (const id of calls) open.add(id);
    for (const id of answers) open.delete(id);
  }
  return [...open].sort();
}
