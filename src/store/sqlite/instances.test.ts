import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { Instance, instanceFolder, isInstanceAlive } from "./instances.ts";

const LONG_AGO = new Date(Date.UTC(2026, 0, 1));

test("what crashed processes left goes when the store is opened, and what is held or young stays", () => {
  const home = mkdtempSync(join(tmpdir(), "skein-instances-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const path = join(home, "threads.db");
  const folder = instanceFolder(path);
  const alive = new Instance(path);
  alive.hold();
  utimesSync(join(folder, `${alive.id}.lock`), LONG_AGO, LONG_AGO);
  const [dead, young] = [randomUUID(), randomUUID()];
  for (const name of [`${dead}.lock`, `${young}.lock`, "newest.json"])
    writeFileSync(join(folder, name), "");
  for (const name of [`${dead}.lock`, "newest.json"])
    utimesSync(join(folder, name), LONG_AGO, LONG_AGO);
  const later = new Instance(path);
  later.hold();
  const left = [`${alive.id}.lock`, `${later.id}.lock`, `${young}.lock`, "newest.json"];
  // SQLite has a journal beside each lock that is held.
  const there = readdirSync(folder).filter((name) => !name.endsWith("-journal"));
  expect(there.toSorted()).toEqual(left.toSorted());
  expect(isInstanceAlive(path, alive.id)).toBe(true);
  alive.release();
  later.release();
});
