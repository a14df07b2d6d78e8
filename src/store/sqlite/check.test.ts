import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { EVERYBODY, create, extend, headOf } from "../conformance/fixture.ts";
import {
  close,
  open as openMessage,
  originOf,
  redact,
  say,
} from "../conformance/message-fixture.ts";
import { startRun } from "../conformance/run-fixture.ts";
import type { CheckReport } from "../store.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { file, open } = storeFolder();

/** Makes a store, changes its file behind its back, and checks it with repair and again. */
async function checkAfter(sql: string): Promise<readonly [CheckReport, CheckReport]> {
  const store = open();
  const origin = await extend(store, "t", [
    create("t", { members: { bob: "editor" } }),
    say("a", "hello"),
    startRun("r"),
    openMessage("b", "r"),
    close("b", "hi there"),
  ]);
  await extend(store, "f", [create("f", {}, originOf(origin)), say("c", "on my own")]);
  await store.close();
  const database = new DatabaseSync(file());
  database.exec(sql);
  database.close();
  const again = open();
  return [await again.check({ repair: true }), await again.check({ repair: true })];
}

test("a sound store has no problems, and everything is counted", async () => {
  const [report] = await checkAfter("");
  expect(report).toEqual({ threads: 2, messages: 3, entries: 7, problems: [] });
});

test("a redacted message is not a problem", async () => {
  const store = open();
  await extend(store, "t", [create("t"), say("a", "hello"), redact("a")]);
  expect((await store.check({ repair: false })).problems).toEqual([]);
});

const REPAIRED: readonly (readonly [string, string, RegExp])[] = [
  ["a head that is behind", "UPDATE skein_head SET version = 2 WHERE tid = 1", /the head is at 2/u],
  [
    "a head that says something else",
    "UPDATE skein_head SET hot = json_set(hot, '$.messagesTotal', 77)",
    /fold/u,
  ],
  ["a thread that is in no list", "DELETE FROM skein_listing WHERE tid = 1", /lists/u],
  ["a list in the wrong order", "UPDATE skein_listing SET listed_at = 5 WHERE tid = 2", /lists/u],
  [
    "a fork of a thread that it is not of",
    "UPDATE skein_thread SET forked_from = 't' WHERE id = 'f'",
    /forks of its origin/u,
  ],
  [
    "a thread that is due when its time is not over",
    "UPDATE skein_thread SET due_at = 5 WHERE id = 'f'",
    /due/u,
  ],
  ["a run that looks ended", "UPDATE skein_run SET ended = 1, holds = 0", /runs/u],
  ["a lost run", "DELETE FROM skein_run", /runs/u],
  [
    "a run that says something else",
    "UPDATE skein_run SET data = json_set(data, '$.fence', 9)",
    /runs are not those of the log/u,
  ],
  ["a lost member", "DELETE FROM skein_member", /members/u],
  ["a status that is not so", "UPDATE skein_head SET status = (status + 1) % 3", /status/u],
  [
    "chunks of a finished message",
    `INSERT INTO skein_chunk (tid, mid, run_id, attempt, part, kind, off, text)
     VALUES (1, 'b', 'r', 1, 0, 'text', 0, 'hi')`,
    /chunks/u,
  ],
];

test.for(REPAIRED)("%s is found and made anew", async ([, sql, problem]) => {
  const [found, after] = await checkAfter(sql);
  expect(found.problems.length).toBeGreaterThan(0);
  for (const it of found.problems) {
    expect(it.problem).toMatch(problem);
    expect(it.repaired).toBe(true);
  }
  expect(after.problems).toEqual([]);
});

const LOST: readonly (readonly [string, string, RegExp])[] = [
  ["a lost entry", "DELETE FROM skein_entry WHERE tid = 1 AND version = 2", /version 3/u],
  [
    "a changed payload",
    "UPDATE skein_entry SET payload = replace(payload, 'hello', 'bye')",
    /payload/u,
  ],
  ["a segment in the wrong place", "UPDATE skein_segment SET start_depth = 9", /segment 0/u],
];

test.for(LOST)("%s is found and told", async ([, sql, problem]) => {
  const [found] = await checkAfter(sql);
  expect(found.problems.map((it) => it.problem).join("\n")).toMatch(problem);
});

test("a check without repair changes nothing", async () => {
  const store = open();
  await extend(store, "t", [create("t")]);
  await store.close();
  const database = new DatabaseSync(file());
  database.exec("DELETE FROM skein_listing");
  database.close();
  const again = open();
  const report = await again.check({ repair: false });
  expect(report.problems).toMatchObject([{ threadId: "t", repaired: false }]);
  expect(await again.listThreads(EVERYBODY, { limit: 5 })).toEqual({ threads: [] });
  expect(await headOf(again, "t")).toMatchObject({ version: 1 });
});
