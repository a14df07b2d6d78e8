import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, test } from "vitest";
import type { Command } from "../../src/model/command.ts";
import { histories } from "../../src/model/history.test-support.ts";
import { play } from "../../src/model/play.test-support.ts";
import { DEFAULT_TENANT } from "../../src/model/principal.ts";
import type { Step } from "../../src/model/world.test-support.ts";
import { create, extend, keyOf } from "../../src/store/conformance/fixture.ts";
import { open } from "../../src/store/conformance/message-fixture.ts";
import { startRun } from "../../src/store/conformance/run-fixture.ts";
import type { CopyProgress } from "../../src/store/copy/copy-report.ts";
import { copyStore } from "../../src/store/copy/copy-store.ts";
import { verifyCopy } from "../../src/store/copy/verify-copy.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store, ThreadWrite } from "../../src/store/store.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-copy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

function sqlite(): Store {
  return sqliteStore({ path: join(folder, `${(made += 1)}.db`), synchronous: "NORMAL" });
}

function file(): Store {
  return fileStore({ path: join(folder, `${(made += 1)}`) });
}

test("whatever happened to threads, a copy of a copy of a copy of a store tells the same", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const stores = [memoryStore(), sqlite(), file(), memoryStore()] as const;
      try {
        for (const step of play(history).steps) await carryOut(stores[0], step);
        for (const [at, to] of stores.entries()) {
          const from = stores[at - 1];
          if (from === undefined) continue;
          const report = await copyStore({ from, to });
          assert.deepEqual(report.problems, []);
          assert.deepEqual((await to.check({ repair: false })).problems, []);
        }
        assert.deepEqual((await verifyCopy({ from: stores[0], to: stores[3] })).problems, []);
        const again = await copyStore({ from: stores[0], to: stores[3] });
        assert.equal(again.copied, 0);
        assert.equal(again.entries, 0);
      } finally {
        for (const store of stores) await store.close();
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

test("a second pass brings what the source wrote since, or says why it cannot", async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(), async (history, pick) => {
      const [from, to] = [sqlite(), sqlite()] as const;
      try {
        const { steps } = play(history);
        const half = pick % (steps.length + 1);
        for (const step of steps.slice(0, half)) await carryOut(from, step);
        assert.deepEqual((await copyStore({ from, to })).problems, []);
        for (const step of steps.slice(half)) await carryOut(from, step);
        const behind = await verifyCopy({ from, to });
        for (const { problem } of behind.problems) assert.match(problem, /missing/u);
        const { problems } = await copyStore({ from, to });
        for (const { problem } of problems) assert.match(problem, /trimmed|purged|refused/u);
        assert.deepEqual((await to.check({ repair: false })).problems, []);
        const refused = new Set(problems.map(({ id }) => id));
        const left = (await verifyCopy({ from, to })).problems;
        assert.deepEqual(
          left.filter(({ id }) => !refused.has(id)),
          [],
        );
      } finally {
        await from.close();
        await to.close();
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

test("text that a run is writing is brought once, and what it writes since by the next call", async () => {
  const [from, to] = [sqlite(), memoryStore()] as const;
  const chunk = { runId: "r1", messageId: "m", attempt: 1, part: 0, kind: "text" } as const;
  await extend(from, "t", [create("t"), startRun("r1"), open("m", "r1")]);
  await from.appendChunks(keyOf("t"), [{ ...chunk, offset: 0, text: "Once" }]);
  await copyStore({ from, to });
  await from.appendChunks(keyOf("t"), [{ ...chunk, offset: 4, text: " upon" }]);
  await copyStore({ from, to });
  await copyStore({ from, to });
  assert.deepEqual(
    (await to.listChunks(keyOf("t"), "m")).map(({ text }) => text),
    ["Once", " upon"],
  );
  await from.close();
});

test("a copy that is aborted stops, keeps what it has brought, and goes on when it is asked again", async () => {
  const [from, to] = [sqlite(), memoryStore()] as const;
  for (let index = 0; index < 30; index += 1)
    await extend(from, `t${index}`, [create(`t${index}`)]);
  const controller = new AbortController();
  const { signal } = controller;
  const onProgress = ({ threads }: CopyProgress): void => {
    if (threads === 5) controller.abort();
  };
  await assert.rejects(copyStore({ from, to, signal, onProgress, concurrency: 2 }), {
    name: "AbortError",
  });
  const there = (await to.listKeys(null, 100)).length;
  assert.ok(there >= 5 && there < 30);
  assert.equal((await copyStore({ from, to })).copied, 30 - there);
  await from.close();
});

async function carryOut(store: Store, step: Step): Promise<void> {
  const write = writeOf(step);
  if (write !== undefined)
    assert.deepEqual(await store.commit([[{ writes: [write] }]]), [["committed"]]);
}

function writeOf({ log, command, before, after, entries }: Step): ThreadWrite | undefined {
  if (after === null || entries.length === 0) return undefined;
  const key = { tenant: DEFAULT_TENANT, id: log.id };
  const base = before?.version ?? 0;
  const operation = {
    user: "alice",
    opId: `${log.id} ${after.version}`,
    digest: "abc",
    fromVersion: base + 1,
    toVersion: after.version,
  };
  return { key, base, entries, before, after, givenIds: givenIdsOf(command), operation };
}

function givenIdsOf(command: Command): readonly string[] {
  if (command.type === "batch") return command.commands.flatMap(givenIdsOf);
  const messages = command.type === "append" ? command.messages : [];
  return messages.filter(({ isGivenId }) => isGivenId === true).map(({ id }) => id);
}
