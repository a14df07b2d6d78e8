import type { Command, PlannedTrim } from "./command.ts";
import type { TrimPolicy } from "./entry.ts";
import { isInstruction } from "./message.ts";
import type { Floor } from "./message.ts";
import { settleWindows } from "./trim-plan.ts";
import type { Window } from "./trim-plan.ts";
import { headOf, nodeOf, nodesOn, pathFrom } from "./world.test-support.ts";
import type { Log, World } from "./world.test-support.ts";

/** A trim as the engine plans it, made by looking at every message. */
export function trimCommand(world: World, log: Log, pick: number): Command {
  const policy: TrimPolicy =
    pick % 2 === 0 ? { keepLast: 1 + (pick % 5) } : { before: 1_000 + (pick % 50) };
  const branches = Object.values(headOf(log).branches);
  const windows = branches.map(({ name, messageId, floor }): Window => {
    const path = nodesOn(world, messageId).toReversed();
    const start = path.findIndex(({ at }, depth) =>
      "before" in policy ? at >= policy.before : path.length - depth <= policy.keepLast,
    );
    let depth = start === -1 ? path.length - 1 : start;
    // A turn is kept whole.
    while (depth > 0 && path[depth - 1]?.place?.turnId === path[depth]?.place?.turnId) depth -= 1;
    if (depth <= (floor?.depth ?? 0)) return { branch: name, start: floor ?? null };
    return { branch: name, start: { messageId: path[depth]?.message.id ?? "", depth } };
  });
  const settled = settleWindows(windows, (id, name) =>
    pathFrom(world, branches.find((it) => it.name === name)?.messageId ?? null).includes(id),
  );
  const planned = branches.map((branch, index): PlannedTrim => {
    const { name, segment, position, floor } = branch;
    const start = settled[index]?.start ?? null;
    const found = start === null ? null : floorAt(world, start.messageId);
    const isHigher = found !== null && found.trimmed > (floor?.trimmed ?? 0);
    return { branch: name, head: { segment, position }, floor: isHigher ? found : null };
  });
  return { type: "trim", policy, branches: planned };
}

function floorAt(world: World, messageId: string): Floor {
  const { place } = nodeOf(world, messageId);
  if (place === null) throw new TypeError(`${messageId} waits.`);
  const { segment, position, depth } = place;
  const above = nodesOn(world, place.parentId);
  const trimmed = above.filter(({ message }) => !isInstruction(message.role)).length;
  return { messageId, segment, position, depth, trimmed };
}
