import type { Op } from "../../model/entry.ts";
import type { Role } from "../../model/message.ts";
import type { ThreadStatus } from "../../model/thread.ts";

/** Numbers in the place of names, to keep rows small. They are in files: never change one, only add. */
export const OP_CODES: Readonly<Record<Op, number>> = {
  "thread.create": 1,
  "thread.set": 2,
  "metadata.set": 3,
  "metadata.unset": 4,
  "tag.add": 5,
  "tag.remove": 6,
  "thread.archive": 7,
  "thread.unarchive": 8,
  "thread.delete": 9,
  "thread.undelete": 10,
  "thread.purge": 11,
  "link.add": 12,
  "link.remove": 13,
  "member.set": 14,
  "member.remove": 15,
  "state.patch": 16,
  custom: 17,
  "message.append": 20,
  "message.open": 21,
  "message.commit": 22,
  "message.enqueue": 23,
  "message.dequeue": 24,
  "message.annotate": 25,
  "message.redact": 26,
  "branch.create": 30,
  "branch.move": 31,
  "branch.rename": 32,
  "branch.remove": 33,
  "run.start": 40,
  "run.update": 41,
  "run.end": 42,
  "step.start": 43,
  "step.end": 44,
  "approval.request": 45,
  "approval.decide": 46,
  "run.signal": 47,
  "file.change": 50,
  "file.rollback": 51,
  "context.compact": 52,
  "retention.trim": 53,
};

export const ROLE_CODES: Readonly<Record<Role, number>> = {
  system: 0,
  developer: 1,
  user: 2,
  assistant: 3,
  tool: 4,
};

export const STATUS_CODES: Readonly<Record<ThreadStatus, number>> = {
  idle: 0,
  active: 1,
  requires_action: 2,
};

const CODES: ReadonlyMap<string, number> = new Map(Object.entries(OP_CODES));
const OPS: ReadonlyMap<unknown, string> = new Map(
  Object.entries(OP_CODES).map(([op, code]) => [code, op]),
);
const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];

/** The code of an op that has none of its own: its payload has its name too. */
export const OTHER_OP = 0;

export function opCodeOf(op: string): number {
  return CODES.get(op) ?? OTHER_OP;
}

/** The name behind a stored code; `undefined` where the payload has it. */
export function opOf(stored: unknown): string | undefined {
  return OPS.get(stored);
}

export function roleOf(stored: unknown): Role | undefined {
  return typeof stored === "number" ? ROLES[stored] : undefined;
}
