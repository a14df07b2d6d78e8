import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Instance, instanceFolder, lockFile } from "./instances.ts";
import { Onlooker } from "./onlooker.ts";

function watched(): {
  readonly looks: (everyMs: number, count: number) => readonly boolean[];
  readonly touch: () => void;
  readonly instance: Instance;
} {
  const home = mkdtempSync(join(tmpdir(), "skein-onlooker-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const path = join(home, "skein.db");
  const instance = new Instance(path);
  instance.hold();
  onTestFinished(() => instance.release());
  let now = 0;
  let touchedAt = 1;
  const onlooker = new Onlooker(path, () => now);
  const touch = (): void => {
    touchedAt += 1;
    utimesSync(lockFile(instanceFolder(path), instance.id), touchedAt, touchedAt);
  };
  touch();
  const looks = (everyMs: number, count: number): readonly boolean[] =>
    Array.from({ length: count }, () => {
      const isAlive = onlooker.isAlive(instance.id);
      now += everyMs;
      return isAlive;
    });
  return { looks, touch, instance };
}

test("an instance that touches its file lives, however long ago its clock says that was", () => {
  const { looks, touch } = watched();
  for (let round = 0; round < 5; round++) {
    expect(looks(5_000, 2)).toEqual([true, true]);
    touch();
  }
});

test("an instance that holds its lock and does nothing is dead after 15 seconds, until it moves again", () => {
  const { looks, touch } = watched();
  expect(looks(5_000, 5)).toEqual([true, true, true, true, false]);
  touch();
  expect(looks(5_000, 1)).toEqual([true]);
});

test("who was not there to look cannot tell that another did nothing", () => {
  const { looks } = watched();
  expect(looks(3_600_000, 4)).toEqual([true, true, true, true]);
});

test("an instance that let its lock go is dead at once", () => {
  const { looks, instance } = watched();
  expect(looks(1, 1)).toEqual([true]);
  instance.release();
  expect(looks(1, 1)).toEqual([false]);
});
