import { beforeEach, describe, expect, test } from "vitest";
import { create, keyOf, makeWrite } from "../conformance/fixture.ts";
import { open, say } from "../conformance/message-fixture.ts";
import { startRun } from "../conformance/run-fixture.ts";
import { check } from "./check.ts";
import { commit } from "./commit.ts";
import { emptyData, threadAt } from "./memory-data.ts";
import type { MemoryData, StoredThread } from "./memory-data.ts";

const faults: readonly (readonly [string, RegExp, (thread: StoredThread) => void])[] = [
  ["an entry is missing", /entry 2 has version 3/u, ({ entries }) => entries.splice(1, 1)],
  [
    "the newest entry is missing",
    /the head is at 5, the log at 4/u,
    ({ entries }) => entries.pop(),
  ],
  [
    "the head is not what the log says",
    /not the fold of the log/u,
    (thread) => {
      const profile = { ...thread.head.profile, title: "made up" };
      thread.head = { ...thread.head, profile };
    },
  ],
  [
    "a message is missing",
    /branch main counts 3 messages/u,
    ({ messages }) => messages.delete("a"),
  ],
  [
    "messages stand in another order",
    /the message says otherwise/u,
    ({ segments }) => segments.get(0)?.reverse(),
  ],
  ["a run is missing", /run r1 differs/u, ({ runs }) => runs.delete("r1")],
  [
    "an open message is closed",
    /message c is open in the head/u,
    ({ messages }) => {
      const stored = messages.get("c");
      if (stored === undefined) throw new TypeError("There is no message c.");
      messages.set("c", { ...stored, message: { ...stored.message, status: "completed" } });
    },
  ],
];

describe("a check", () => {
  let data: MemoryData;
  let thread: StoredThread;

  beforeEach(() => {
    data = emptyData();
    const changes = [
      create("t"),
      say("a", "one"),
      say("b", "two"),
      startRun("r1"),
      open("c", "r1"),
    ];
    commit(data, [[{ writes: [makeWrite(keyOf("t"), null, changes)] }]]);
    const found = threadAt(data, keyOf("t"));
    if (found === undefined) throw new TypeError("There is no thread t.");
    thread = found;
  });

  test("counts what there is and finds nothing wrong", () => {
    expect(check(data)).toEqual({ threads: 1, messages: 3, entries: 5, problems: [] });
  });

  test.for(faults)("notices that %s", ([, problem, damage]) => {
    damage(thread);
    const { problems } = check(data);
    expect(problems.map((found) => found.problem)).toContainEqual(expect.stringMatching(problem));
    expect(problems.every(({ threadId, repaired }) => threadId === "t" && !repaired)).toBe(true);
  });
});
