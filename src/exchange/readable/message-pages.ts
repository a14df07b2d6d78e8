import type { CallOptions, Engine } from "../../engine/engine.ts";
import type { Message } from "../../model/message.ts";

const PAGE = 200;

/** The messages of a branch from the first on, page by page. Reads each of them twice, and holds two pages at most. */
export async function* messagePages(
  engine: Pick<Engine, "messages">,
  threadId: string,
  branch: string,
  options: CallOptions = {},
): AsyncGenerator<readonly Message[]> {
  const newest = await engine.messages(threadId, { branch, limit: PAGE }, options);
  const starts: string[] = [];
  let page = newest;
  while (page.hasOlder) {
    const [first] = page.messages;
    if (first === undefined) break;
    starts.push(first.id);
    page = await engine.messages(threadId, { branch, limit: PAGE, before: first.id }, options);
  }
  for (const before of starts.toReversed())
    yield (await engine.messages(threadId, { branch, limit: PAGE, before }, options)).messages;
  yield newest.messages;
}
