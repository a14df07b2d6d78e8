import type { Message } from "../model/message.ts";
import { text } from "../model/part.ts";
import type { BranchHead } from "../model/thread.ts";
import { contextWindow } from "../model/window.ts";
import type { WindowPolicy } from "../model/window.ts";
import type { MessageBody } from "../model/message.ts";
import type { Store } from "../store/store.ts";

const DEFAULT_LAST_MESSAGES = 100;
// The message that the run is writing, and results whose call stands just outside of the window.
const MORE_MESSAGES = 16;

/** What the model gets of a branch. Costs three reads, whatever the length of the thread: the newest messages, the
 *  system messages before them, and the newest user message. */
export async function loadContext(
  store: Pick<Store, "readPath">,
  tenant: string,
  branch: Pick<BranchHead, "segment" | "position" | "floor" | "count">,
  policy: WindowPolicy = {},
): Promise<readonly MessageBody[]> {
  const limit = (policy.lastMessages ?? DEFAULT_LAST_MESSAGES) + MORE_MESSAGES;
  const range = { minDepth: 0, maxDepth: branch.count - 1 };
  const [newest, system, asked] = await Promise.all([
    store.readPath(tenant, branch, { ...range, limit, order: "desc" }),
    store.readPath(tenant, branch, { ...range, roles: ["system", "developer"] }),
    store.readPath(tenant, branch, { ...range, roles: ["user"], limit: 1, order: "desc" }),
  ]);
  const byId = new Map([...asked, ...system, ...newest].map((message) => [message.id, message]));
  const inOrder = [...byId.values()].sort((a, b) => (a.depth ?? 0) - (b.depth ?? 0));
  return contextWindow(inOrder.map(shown), policy);
}

/** True when the model has to be told who said what. */
export function hasSeveralSpeakers(
  messages: readonly MessageBody[],
  members: Readonly<Record<string, unknown>>,
): boolean {
  return Object.keys(members).length > 0 || speakersIn(messages).length > 1;
}

/** Names of the people who wrote the messages. */
export function speakersIn(messages: readonly MessageBody[]): readonly string[] {
  const names = messages.flatMap(({ role, author }) =>
    role === "user" && author !== undefined ? [author.id] : [],
  );
  return [...new Set(names)];
}

function shown(message: Message): MessageBody {
  if (message.redacted !== true || message.role === "tool") return message;
  return { ...message, parts: [text("[redacted]")] };
}
