import type { RunAction } from "../../model/command.ts";
import type { Action } from "../../model/action.ts";
import { checkLine } from "../../model/check.ts";
import { SkeinError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { actionFor } from "./flow-action.ts";
import { invalid, WAITING } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";
import type { FlowAnswer, FlowEvent, FlowQuestion } from "./handler.ts";

const DUE = { isDue: true } as const;

/** Waits for a time. */
export function sleep(session: FlowSession, key: string, durationMs: number): Promise<void> {
  return session.perform(async () => {
    const before = session.use(key, "wait", "sleep");
    if (before?.status === "completed") return undefined;
    checkDuration(durationMs, "durationMs");
    const { services } = session.flow;
    const action = actionFor(session, key);
    const dueAt = action.known?.dueAt ?? services.clock() + durationMs;
    if (dueAt <= services.clock() || action.known?.decision?.type === "due") {
      const step = session.step(key, "wait", "sleep");
      await session.commit([session.completed(step), ...settled(action.known)]);
      return undefined;
    }
    if (action.known === undefined)
      await ask(session, { id: action.id, kind: "timer", name: "sleep", dueAt });
    return WAITING;
  });
}

/** Waits for an event and takes it: that it is gone and that the handler has it are one commit. */
export function waitForEvent(
  session: FlowSession,
  key: string,
  name: string,
  { timeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<FlowEvent | undefined> {
  return session.perform(async () => {
    checkLine(name, "name", LIMITS.eventNameCharacters);
    if (timeoutMs !== undefined) checkDuration(timeoutMs, "timeoutMs");
    const before = session.use(key, "wait", name);
    if (before?.status === "completed") return eventOf(name, before.output);
    const action = actionFor(session, key);
    const signal = session.run.signals?.find(
      (other) => other.name === name && session.take(other.id),
    );
    const step = session.step(key, "wait", name);
    if (signal !== undefined) {
      const output = { payload: await payloadAt(session, signal.version) };
      await session.commit([
        { kind: "signal.take", signalId: signal.id },
        session.completed(step, output),
        ...settled(action.known),
      ]);
      return eventOf(name, output);
    }
    if (action.known?.decision?.type === "due") {
      await session.commit([session.completed(step, DUE), ...settled(action.known)]);
      return undefined;
    }
    if (action.known === undefined)
      await ask(session, { id: action.id, kind: "event", name, ...dueIn(session, timeoutMs) });
    return WAITING;
  });
}

/** Waits for what a person says. */
export function askPerson(
  session: FlowSession,
  key: string,
  { prompt, kind = "input", data, timeoutMs }: FlowQuestion,
): Promise<FlowAnswer> {
  return session.perform(async () => {
    if (timeoutMs !== undefined) checkDuration(timeoutMs, "timeoutMs");
    const before = session.use(key, "wait", kind);
    const action = actionFor(session, key);
    if (before?.status === "completed") return answerOf(before.output);
    if (action.known === undefined) {
      const { agent } = session.flow;
      const more = { prompt, ...(data && { data }), ...dueIn(session, timeoutMs) };
      await ask(session, { id: action.id, kind, name: agent.name, ...more });
      return WAITING;
    }
    const output = saidTo(action.known);
    if (output === undefined) return WAITING;
    const step = session.step(key, "wait", kind);
    await session.commit([session.completed(step, output), ...settled(action.known)]);
    return answerOf(output);
  });
}

async function ask(
  session: FlowSession,
  action: Omit<Action, "status" | "requestedAt">,
): Promise<void> {
  await session.commit([{ kind: "action.request", action }]);
}

/** What was asked for and is used now. */
function settled(action: Action | undefined): readonly RunAction[] {
  return action === undefined ? [] : [{ kind: "action.done", actionId: action.id }];
}

function dueIn({ flow }: FlowSession, timeoutMs: number | undefined): Pick<Action, "dueAt"> {
  return timeoutMs === undefined ? {} : { dueAt: flow.services.clock() + timeoutMs };
}

/** The payload of an event stands in the log. */
async function payloadAt({ flow }: FlowSession, version: number): Promise<Json> {
  const [entry] = await flow.services.engine.store.listEntries(flow.key, version - 1, 1);
  if (entry?.op !== "run.signal")
    throw new SkeinError("trimmed", `The event at version ${version} was let go of by a trim.`);
  return entry.data.payload;
}

function eventOf(name: string, output: Json | undefined): FlowEvent | undefined {
  const isEvent = output !== null && typeof output === "object" && "payload" in output;
  return isEvent ? { name, payload: output.payload ?? null } : undefined;
}

/** As the journal keeps it. */
function saidTo({ decision }: Action): Json | undefined {
  switch (decision?.type) {
    case "output":
      return { status: "answered", output: { ...decision.output } };
    case "approve":
      return { status: "answered", output: { type: "json", value: decision.input ?? null } };
    case "deny":
      return {
        status: "denied",
        ...(decision.reason !== undefined && { reason: decision.reason }),
      };
    case "due":
      return { status: "due" };
    default:
      return undefined;
  }
}

function answerOf(output: Json | undefined): FlowAnswer {
  // Written by `saidTo`, in this shape.
  return output as unknown as FlowAnswer;
}

function checkDuration(durationMs: number, field: string): void {
  if (!Number.isFinite(durationMs) || durationMs < 0)
    throw invalid(`${field} must be a number of milliseconds, 0 or more.`);
}
