import { describe, test } from "vitest";
import { whyNoDisk } from "./small-disk.ts";

const reason = whyNoDisk();

/** Describes what needs a small disk; where none can be mounted, one skipped test says why. */
export function describeDisk(name: string, body: () => void): void {
  const skipped = (): void => test("has no small disk", ({ skip }) => skip(reason));
  describe(`${name}`, () => (reason === undefined ? body() : skipped()));
}
