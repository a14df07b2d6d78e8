import type { Message, Place } from "../../model/message.ts";
import type { KeptMessage, ThreadKey } from "../store.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeMessage } from "./decode-message.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

// Each may be large, and the server answers nobody else meanwhile.
const AT_ONCE = 200;

/** What a trimmed thread has of before its log, by version. */
export async function listKept(
  backend: Backend,
  { tenant, id }: ThreadKey,
  after: number,
  limit: number,
): Promise<readonly KeptMessage[]> {
  const kept: KeptMessage[] = [];
  while (kept.length < limit) {
    const behind = String(kept.at(-1)?.message.version ?? after);
    const count = Math.min(AT_ONCE, limit - kept.length);
    const args = [nameOf(id), behind, String(count)];
    const found = listOf(await runFor(backend, tenant, SCRIPTS.listKept, ...args));
    kept.push(...found.map(keptOf));
    if (found.length < count) break;
  }
  return kept;
}

function keptOf(reply: Reply): KeptMessage {
  const [raw, keptAt, isReleased, before] = listOf(reply);
  const { message, place } = decodeMessage(raw ?? null);
  const version = numberOf(keptAt);
  if (message.version !== version) return { message: waitingForm(message, version), place: null };
  return {
    message,
    place: place && placeBehind(place, textOf(before)),
    ...(numberOf(isReleased) === 1 && { isReleased: true }),
  };
}

/** A message as it waited at the trim, wherever it stands by now. */
function waitingForm(message: Message, version: number): Message {
  const { id: turnId } = message;
  return { ...message, version, status: "queued", parentId: null, turnId, depth: null };
}

function placeBehind({ continues: _continues, ...place }: Place, before: string): Place {
  const [, number, position, threadId] = /^(\d+) (\d+) (.*)$/u.exec(before) ?? [];
  if (threadId === undefined) return place;
  const segment = { threadId: idOf(threadId), number: Number(number) };
  return { ...place, continues: { segment, position: Number(position) } };
}
