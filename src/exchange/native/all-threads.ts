import type { CallOptions, Engine } from "../../engine/engine.ts";

/** Ids of all threads that the caller may see, archived ones behind the others. A thread in which something is said meanwhile
 *  comes all the same. */
export async function* allThreads(
  engine: Pick<Engine, "list">,
  options: CallOptions = {},
): AsyncGenerator<string> {
  for (const archived of [false, true]) {
    let cursor: string | undefined;
    do {
      const page = await engine.list(
        { archived, limit: 200, ...(cursor !== undefined && { cursor }) },
        options,
      );
      for (const { id } of page.items) yield id;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}
