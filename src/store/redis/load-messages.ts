import type { Message } from "../../model/message.ts";
import type { ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeMessage } from "./decode-message.ts";
import { nameOf } from "./names.ts";
import { listOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

export async function loadMessages(
  backend: Backend,
  { tenant, id }: ThreadKey,
  ids: readonly string[],
): Promise<readonly (Message | null)[]> {
  if (ids.length === 0) return [];
  const args = [nameOf(id), String(ids.length), ...ids.map(nameOf)];
  const found = listOf(await runFor(backend, tenant, SCRIPTS.messages, ...args));
  return found.map((reply) => (reply === null ? null : decodeMessage(reply).message));
}
