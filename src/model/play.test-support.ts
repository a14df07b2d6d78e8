import type { Command, RunAction } from "./command.ts";
import type { Act, Move } from "./history.test-support.ts";
import { callIdsOf, text } from "./part.ts";
import { LOCAL_PRINCIPAL } from "./principal.ts";
import type { NewRun, Run, Step as ModelStep } from "./run.ts";
import { MAIN, oldestVersion } from "./thread.ts";
import type { BranchHead, ThreadHead } from "./thread.ts";
import {
  emptyWorld,
  headOf,
  known,
  lastMessageAt,
  nodeOf,
  shownFrom,
  submit,
} from "./world.test-support.ts";
import { trimCommand } from "./trim.test-support.ts";
import { answer, messagesFor, newMessage } from "./words.test-support.ts";
import type { Log, Step, World } from "./world.test-support.ts";

export interface Trace {
  readonly world: World;
  readonly steps: readonly Step[];
}

interface Player {
  readonly world: World;
  readonly steps: Step[];
  log: Log;
  ids: number;
}

/** Carries out a history on a new thread. */
export function play(history: readonly Move[]): Trace {
  const player: Player = { world: emptyWorld(), steps: [], log: newLog("th0"), ids: 0 };
  player.world.logs.push(player.log);
  run(player, { type: "create", owner: "local" });
  for (const move of history) {
    const command = commandFor(player, move);
    if (command !== undefined) run(player, command);
  }
  return player;
}

function one<T>(list: readonly T[], pick: number): T | undefined {
  return list.length === 0 ? undefined : list[pick % list.length];
}

function run(player: Player, command: Command): void {
  const slot = player.steps.length;
  const step = submit(player.world, player.log, command, {
    threadId: player.log.id,
    principal: LOCAL_PRINCIPAL,
    actor: "user:local",
    at: 1_000 + slot,
    opId: `op${slot}`,
    spareId: (index) => `spare${slot}.${index}`,
  });
  player.steps.push(step);
}

function newLog(id: string, origin?: Log["origin"]): Log {
  return { id, origin, entries: [], gone: new Set(), heads: [] };
}

function commandFor(player: Player, move: Move): Command | undefined {
  const { world, log } = player;
  const head = headOf(log);
  // A deleted thread gets to see one more command before it comes back.
  if (head.profile.deletedAt !== null && player.steps.at(-1)?.rejection !== undefined)
    return { type: "undelete" };
  const branches = Object.values(head.branches);
  const branch = ("branch" in move ? one(branches, move.branch) : undefined) ?? head.branches[MAIN];
  const messageId = "pick" in move ? one(known(world, log), move.pick) : undefined;
  if (branch === undefined) return undefined;
  const here = { branch: branch.name, messageId: messageId ?? "nobody" };
  switch (move.kind) {
    case "say":
      return sayCommand(player, move, branch);
    case "edit": {
      const { role } =
        messageId === undefined ? { role: "user" as const } : nodeOf(world, messageId).message;
      const message = newMessage(player, role, [text(`edited ${player.ids}`)]);
      return { type: "edit", ...here, message, ...(move.run && { run: newRun(player) }) };
    }
    case "truncate":
      return {
        type: "truncate",
        branch: branch.name,
        to: move.pick % 7 === 0 ? null : here.messageId,
      };
    case "regenerate":
      return { type: "regenerate", ...here, run: newRun(player) };
    case "branch.at":
      return {
        type: "branch.create",
        at: { messageId: move.pick % 9 === 0 ? null : here.messageId },
      };
    case "branch":
      return { type: "branch.create", at: { branch: branch.name } };
    case "rename":
      return { type: "branch.rename", name: branch.name, to: `b${player.ids++}` };
    case "remove":
      return { type: "branch.remove", name: branch.name };
    case "claim":
      return { type: "run.claim", runId: runId(head, move.pick), owner: "me" };
    case "cancel":
      return { type: "run.cancel", runId: runId(head, move.pick) };
    case "decide":
      return decideCommand(player, one(head.activity.runs, move.pick), move.pick);
    case "signal":
      return {
        type: "run.signal",
        runId: runId(head, move.pick),
        signalId: `sig${player.ids++}`,
        name: "news",
        payload: move.pick,
      };
    case "discard":
      return {
        type: "message.discard",
        messageId: one(head.activity.queued, move.pick)?.messageId ?? here.messageId,
      };
    case "redact":
      return { type: "message.redact", messageId: here.messageId };
    case "annotate":
      return { type: "message.annotate", messageId: here.messageId, values: { stars: move.pick } };
    case "work":
      return workCommand(player, head, move);
    case "set":
      return {
        type: "set",
        ...(move.pick % 3 > 0 && {
          title: move.pick % 5 === 0 ? null : `title ${move.pick}`,
          titleSource: move.by,
        }),
        metadata: { [`k${move.pick % 4}`]: move.pick % 3 === 0 ? null : move.pick },
        addTags: [`t${move.pick % 5}`],
        removeTags: [`t${move.pick % 3}`],
      };
    case "restore":
      return restoreCommand(log, move.pick);
    case "trim":
      return trimCommand(world, log, move.pick);
    case "fork":
      return forkCommand(player, branch, move.pick);
    case "thread":
      player.log = one(world.logs, move.pick) ?? log;
      return undefined;
    case "custom":
      return { type: "custom", name: "note", data: player.ids };
    case "batch":
      return batchCommand(player, branch);
    default:
      return { type: move.kind };
  }
}

function sayCommand(
  player: Player,
  move: Extract<Move, { kind: "say" }>,
  branch: BranchHead,
): Command {
  const { world, log } = player;
  const head = headOf(log);
  const messages = messagesFor(player, move.shape, branch.pending).map((message) => ({
    ...message,
    ...(move.isGivenId && { isGivenId: true }),
  }));
  const parents = {
    absent: undefined,
    head: branch.messageId,
    any: one(known(world, log), move.pick),
    root: null,
    queued: one(head.activity.queued, move.pick)?.messageId,
  };
  const parentId = parents[move.parent];
  const asked = move.run !== "none" && { run: newRun(player, move.run) };
  return {
    type: "append",
    branch: branch.name,
    // Now and then an agent is only asked to go on.
    messages: asked !== false && move.pick % 6 === 0 ? [] : messages,
    ...(parentId !== undefined && { parentId }),
    ...asked,
  };
}

/** As an exclusive writer makes it: other metadata, a shorter path, and a message behind it. */
function batchCommand(player: Player, branch: BranchHead): Command {
  const to = player.world.nodes.get(branch.messageId ?? "")?.place?.parentId ?? null;
  const messages = messagesFor(player, "turn", branch.pending);
  return {
    type: "batch",
    commands: [
      { type: "set", metadata: { k0: player.ids } },
      { type: "truncate", branch: branch.name, to },
      { type: "append", branch: branch.name, messages },
    ],
  };
}

function newRun(player: Player, strategy: NewRun["strategy"] = "enqueue"): NewRun {
  return { id: `run${player.ids++}`, strategy };
}

function runId(head: ThreadHead, pick: number): string {
  return one(head.activity.runs, pick)?.id ?? head.activity.lastRunId ?? "nobody";
}

function workCommand(
  player: Player,
  head: ThreadHead,
  { pick, acts, isLate }: Extract<Move, { kind: "work" }>,
): Command | undefined {
  const holders = head.activity.runs.filter(({ id, branch }) => head.activity.holds[branch] === id);
  const busy = one(holders, pick);
  if (busy === undefined) return undefined;
  if (busy.status === "queued") return { type: "run.claim", runId: busy.id, owner: "me" };
  if (busy.status === "requires_action")
    return pick % 4 === 0
      ? { type: "run.cancel", runId: busy.id }
      : decideCommand(player, busy, pick);
  const state = {
    busy,
    open: head.activity.open.find((other) => other.runId === busy.id)?.messageId,
    pending: head.branches[busy.branch]?.pending ?? [],
    asked: new Set(busy.actions?.map(({ id }) => id)),
    pick,
  };
  const actions = acts.map((act) => actionFor(player, act, state));
  return { type: "run.progress", runId: busy.id, fence: busy.fence - (isLate ? 1 : 0), actions };
}

/** A decision that fits what the run asks for, mostly. */
function decideCommand(player: Player, busy: Run | undefined, pick: number): Command | undefined {
  const action = one(busy?.actions ?? [], pick);
  if (busy === undefined || action === undefined) return undefined;
  const output = {
    type: "output",
    output: { type: "text", text: `out ${player.ids++}` },
  } as const;
  const fitting = action.kind === "approval" ? ({ type: "approve" } as const) : output;
  const decision = pick % 5 === 0 ? ({ type: "deny" } as const) : fitting;
  return { type: "run.decide", runId: busy.id, decisions: [{ actionId: action.id, decision }] };
}

interface WorkState {
  readonly busy: Run;
  readonly pick: number;
  readonly asked: Set<string>;
  open: string | undefined;
  pending: readonly string[];
}

/** What a turn does after what it has done: it answers calls, writes, and ends. */
function nextAct({ open, pending, pick }: WorkState): Exclude<Act, "next"> {
  if (open !== undefined) return pick % 2 === 0 ? "commit" : "commit-calls";
  if (pending.length > 0) return pick % 3 === 0 ? "result" : "results";
  return pick % 3 === 0 ? "open" : "complete";
}

function actionFor(player: Player, asked: Act, state: WorkState): RunAction {
  const { busy } = state;
  const act = asked === "next" ? nextAct(state) : asked;
  const usage = { inputTokens: 10, outputTokens: player.ids, cachedInputTokens: 3 };
  const cost = { nanoDollars: player.ids, unpricedCalls: 0 };
  switch (act) {
    case "open": {
      const id = `m${player.ids++}`;
      state.open = id;
      return { kind: "message.open", id, role: "assistant", author: { kind: "agent", id: "a" } };
    }
    case "commit":
    case "commit-calls": {
      const called = messagesFor(player, "calls", [])[1]?.parts ?? [];
      const parts = act === "commit" ? [text(`answer ${player.ids++}`)] : called;
      state.pending = act === "commit" ? [] : callIdsOf(parts);
      const id = state.open ?? "nobody";
      state.open = undefined;
      return { kind: "message.commit", id, status: "completed", usage, cost, parts };
    }
    case "result":
    case "results": {
      const answered = act === "result" ? state.pending.slice(0, 1) : state.pending;
      state.pending = state.pending.slice(answered.length);
      return { kind: "message.append", message: newMessage(player, "tool", answered.map(answer)) };
    }
    case "ask": {
      const callId = state.pending.find((id) => !state.asked.has(id));
      const id = callId ?? `ask${player.ids++}`;
      state.asked.add(id);
      const kind = one(["approval", "tool_output", "event"] as const, state.pick) ?? "approval";
      return {
        kind: "action.request",
        action: { id, kind, name: "news", ...(callId !== undefined && { callId }) },
      };
    }
    case "wait":
      return { kind: "run.event", event: "require_action" };
    case "continue":
      return { kind: "run.continue", input: player.ids++ };
    case "step":
      return { kind: "step.start", step: newStep(player, busy) };
    default:
      return { kind: "run.event", event: act };
  }
}

function newStep(player: Player, { id: runId, fence }: Run): ModelStep {
  return {
    runId,
    key: "model:1",
    id: `s${player.ids++}`,
    kind: "model",
    name: "m",
    agentId: "a",
    attempt: 1,
    fence,
    status: "running",
    startedAt: 1,
  };
}

function restoreCommand(log: Log, pick: number): Command | undefined {
  const then = one(
    log.heads.filter(({ version }) => version >= oldestVersion(headOf(log))),
    pick,
  );
  if (then === undefined) return undefined;
  const { title, titleSource, metadata, tags } = then.profile;
  const heads = Object.fromEntries(
    Object.values(then.branches).map(({ name, messageId }) => [name, messageId]),
  );
  return {
    type: "restore",
    target: { version: then.version, title, titleSource, metadata, tags, heads },
  };
}

/** A fork at any message of a branch where nothing is open, as the engine makes it. Goes on in the new thread. */
function forkCommand(player: Player, branch: BranchHead, pick: number): Command | undefined {
  const { world, log } = player;
  const whole = shownFrom(world, branch).filter(
    (id) => (nodeOf(world, id).place?.depth ?? 0) >= (branch.floor?.depth ?? 0),
  );
  const messageId = one([null, ...whole], pick) ?? null;
  const node = messageId === null ? undefined : nodeOf(world, messageId);
  if (world.logs.length > 4 || node?.message.status === "in_progress") return undefined;
  if (node !== undefined && node.place?.pending.length !== 0) return undefined;
  const { segment, position, depth, turnId } = node?.place ?? {
    ...branch,
    position: 0,
    depth: -1,
    turnId: null,
  };
  const from = {
    threadId: log.id,
    version: headOf(log).version,
    branch: branch.name,
    head: {
      segment,
      position,
      messageId,
      count: depth + 1,
      turnId,
      ...(messageId !== null && branch.floor && { floor: branch.floor }),
    },
    lastMessage: lastMessageAt(world, messageId, branch.floor),
  };
  player.log = newLog(`th${world.logs.length}`, from);
  world.logs.push(player.log);
  return { type: "create", owner: "local", from };
}
