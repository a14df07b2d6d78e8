import { SkeinError } from "../../model/error.ts";

/** What a command or a script answers. */
export type Reply = string | number | Buffer | null | readonly Reply[];

export function listOf(reply: Reply | undefined): readonly Reply[] {
  if (typeof reply === "object" && reply !== null && !Buffer.isBuffer(reply)) return reply;
  throw unreadable(reply);
}

export function textOf(reply: Reply | undefined): string {
  if (typeof reply === "string") return reply;
  if (typeof reply === "number") return String(reply);
  if (Buffer.isBuffer(reply)) return reply.toString();
  throw unreadable(reply);
}

export function textOrNullOf(reply: Reply | undefined): string | null {
  return reply === null || reply === undefined ? null : textOf(reply);
}

export function numberOf(reply: Reply | undefined): number {
  return Number(textOf(reply));
}

export function bytesOf(reply: Reply | undefined): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  throw unreadable(reply);
}

/** Fields and values by turns. */
export function recordOf(reply: Reply | undefined): ReadonlyMap<string, string> {
  const flat = listOf(reply);
  const record = new Map<string, string>();
  for (let index = 0; index < flat.length; index += 2)
    record.set(textOf(flat[index]), textOf(flat[index + 1]));
  return record;
}

function unreadable(reply: Reply | undefined): SkeinError {
  const what = reply === undefined || reply === null ? "nothing" : typeof reply;
  return new SkeinError("store_corrupt", `Redis has ${what} where a thread's data must be.`);
}
