import type { Message, PathEnd } from "../../model/message.ts";
import type { PathRange } from "../store.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeMessage } from "./decode-message.ts";
import { letterOf } from "./message-arguments.ts";
import { nameOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

const UNBOUNDED = -1;
// No path is deeper, and one more is still another number.
const DEEPEST = 2 ** 52;

/** A page of a path, in as many looks as it takes for none of them to keep the server busy. What is on a path never
 *  moves, so they fit together. */
export async function readPath(
  backend: Backend,
  tenant: string,
  { segment, position, floor }: PathEnd,
  range: PathRange,
): Promise<readonly Message[]> {
  const { roles, order = "asc", limit, maxBytes } = range;
  const letters = roles === undefined ? "*" : roles.map(letterOf).join("");
  const messages: Message[] = [];
  let minDepth = Math.max(0, range.minDepth);
  let maxDepth = Math.min(DEEPEST, range.maxDepth);
  let bytes = 0;
  while (letters !== "") {
    const [state, next, ...rest] = listOf(
      await runFor(
        backend,
        tenant,
        SCRIPTS.path,
        nameOf(segment.threadId),
        String(segment.number),
        String(position),
        String(minDepth),
        String(maxDepth),
        order,
        String(limit === undefined ? UNBOUNDED : limit - messages.length),
        String(maxBytes === undefined ? UNBOUNDED : Math.max(0, maxBytes - bytes)),
        String(messages.length),
        letters,
        String(floor?.depth ?? 0),
      ),
    );
    messages.push(...rest.slice(0, -1).map((reply) => decodeMessage(reply).message));
    bytes += numberOf(rest.at(-1));
    if (textOf(state) === "end") break;
    if (order === "asc") minDepth = numberOf(next);
    else maxDepth = numberOf(next);
  }
  return messages;
}
