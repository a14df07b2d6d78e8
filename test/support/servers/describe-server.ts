import { describe, test } from "vitest";
import type { ServerName } from "./server-kind.ts";
import { missingServer } from "./servers.ts";

/** Describes what needs a server of this kind; where there is none, one skipped test says why (in CI it fails).
 *  Await it at the top of a test file: no time limit runs there while the server starts. */
export async function describeServer(
  kind: ServerName,
  name: string,
  body: () => void | Promise<void>,
  options: { readonly own?: boolean } = {},
): Promise<void> {
  const reason = await missingServer(kind, options);
  const skipped = (): void => test("has no server", ({ skip }) => skip(reason));
  describe(`${name}`, () => (reason === undefined ? body() : skipped()));
}
