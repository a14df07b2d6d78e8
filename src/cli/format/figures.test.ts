import { expect, test } from "vitest";
import { bytes, count, money } from "./figures.ts";

test("an unknown price is named as such and never shown as zero", () => {
  expect(money({ nanoDollars: 0, unpricedCalls: 2 })).toBe("2 unpriced calls");
  expect(money({ nanoDollars: 1_500_000_000, unpricedCalls: 1 })).toBe(
    "$1.5000 and 1 unpriced call",
  );
  expect(money({ nanoDollars: 42_000, unpricedCalls: 0 })).toBe("$0.000042");
});

test("figures carry their unit", () => {
  expect(bytes(512)).toBe("512 B");
  expect(bytes(1536)).toBe("1.5 KiB");
  expect(count(1, "message")).toBe("1 message");
  expect(count(3, "batch")).toBe("3 batches");
  expect(count(0, "entry")).toBe("0 entries");
});
