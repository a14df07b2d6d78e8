import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EVERYBODY, TENANT, create, reader } from "../conformance/fixture.ts";
import {
  close,
  dequeue,
  enqueue,
  open,
  originOf,
  redact,
  say,
} from "../conformance/message-fixture.ts";
import type { Reader } from "../key.ts";
import type { SearchHit, SearchQuery } from "../search.ts";
import { openSearchIndex } from "./search-index.ts";
import { openTestLog } from "./search-log.test-support.ts";
import type { TestLog } from "./search-log.test-support.ts";
import type { SearchIndex } from "./search-port.ts";

let log: TestLog;
let index: SearchIndex;

beforeEach(() => {
  log = openTestLog();
  index = openSearchIndex({ path: log.path });
});

afterEach(() => {
  index.close();
  log.remove();
});

function find(
  text: string,
  query: Partial<SearchQuery> = {},
  who: Reader = EVERYBODY,
): readonly SearchHit[] {
  return index.search(who, { text, limit: 20, ...query }).hits;
}

const idsOf = (hits: readonly SearchHit[]): (string | null)[] => hits.map((hit) => hit.messageId);
const ids = (text: string, query?: Partial<SearchQuery>, who?: Reader): (string | null)[] =>
  idsOf(find(text, query, who));
const threads = (text: string, who?: Reader): string[] =>
  find(text, {}, who).map((hit) => hit.threadId);

describe("what is found", () => {
  test("a message is found by its words, with a snippet, as soon as it is committed", () => {
    log.write("t", [create("t", { title: "Travel" }), say("m1", "We go to Zürich by train.")]);
    expect(find("zurich train")).toEqual([
      {
        threadId: "t",
        threadTitle: "Travel",
        messageId: "m1",
        role: "user",
        at: expect.any(Number),
        snippet: "We go to Zürich by train.",
        highlights: [
          [9, 15],
          [19, 24],
        ],
        score: expect.any(Number),
      },
    ]);
    expect(index.lag()).toBe(0);
  });

  test("phrases, prefixes, alternatives and exclusions work", () => {
    log.write("t", [
      create("t"),
      say("m1", "the quick brown fox"),
      say("m2", "the brown quick bear"),
      say("m3", "call getUserName or read_file"),
    ]);
    expect(ids('"quick brown"')).toEqual(["m1"]);
    expect(ids("quick -fox")).toEqual(["m2"]);
    expect(ids("fox OR bear", { order: "recent" })).toEqual(["m2", "m1"]);
    expect(ids("bro*", { order: "recent" })).toEqual(["m2", "m1"]);
    expect(ids("username -quick")).toEqual([]);
    expect(ids("user")).toEqual(["m3"]);
    expect(ids("read_file")).toEqual(["m3"]);
    expect(ids('"get user"')).toEqual([]);
  });

  test("odd queries find nothing and do not fail", () => {
    log.write("t", [create("t"), say("m1", "plain words AND NEAR(quotes)")]);
    for (const text of ["", "   ", '"', "-plain", "*", "\u0000", "\uD800", ": ^ { } ( )", "OR OR"])
      expect(ids(text)).toEqual([]);
    for (const text of ["NEAR(quotes)", "plain AND words", "words:", "^plain", "(plain"])
      expect(ids(text)).toEqual(["m1"]);
  });

  test("tool output is found, reasoning and calls are not", () => {
    log.write("t", [
      create("t"),
      say(
        "m1",
        [
          { type: "reasoning", text: "secretthought" },
          { type: "tool-call", callId: "c1", name: "look", inputText: '{"place":"callword"}' },
        ],
        { role: "assistant" },
      ),
      say(
        "m2",
        [
          {
            type: "tool-result",
            callId: "c1",
            name: "look",
            outcome: "ok",
            output: { type: "json", value: { sky: ["bluebird", 4711] } },
          },
        ],
        { role: "tool" },
      ),
    ]);
    expect(ids("secretthought OR callword")).toEqual([]);
    expect(ids("bluebird 4711")).toEqual(["m2"]);
  });

  test("an open message is found once it is committed, in its place", () => {
    log.write("t", [create("t"), open("m1", "r1"), say("m2", "word later")]);
    expect(ids("word")).toEqual(["m2"]);
    log.write("t", [close("m1", "word at last")]);
    expect(ids("word", { order: "recent" })).toEqual(["m2", "m1"]);
  });

  test("an open message with a given id is found too", () => {
    log.write("t", [create("t"), open("given", "r1")], { givenIds: ["given"] });
    log.write("t", [close("given", "word")]);
    expect(ids("word")).toEqual(["given"]);
  });

  test("a queued message is found once it has its place, with the time at which it was said", () => {
    log.write("t", [create("t"), enqueue("m1", "word waits")], { at: 1000 });
    expect(ids("word")).toEqual([]);
    log.write("t", [dequeue("m1")], { at: 2000 });
    expect(find("word")).toMatchObject([{ messageId: "m1", role: "user", at: 1000 }]);
  });

  test("a title is found until another one replaces it", () => {
    log.write("t", [create("t", { title: "Old harbour" }), say("m1", "text")]);
    expect(find("harbour")).toMatchObject([
      { threadId: "t", threadTitle: "Old harbour", messageId: null, role: null },
    ]);
    log.write("t", [{ op: "thread.set", data: { title: "New bridge", titleSource: "human" } }]);
    expect(ids("harbour")).toEqual([]);
    expect(find("bridge")).toMatchObject([{ snippet: "New bridge", highlights: [[4, 10]] }]);
    log.write("t", [{ op: "thread.set", data: { title: null } }]);
    expect(ids("bridge")).toEqual([]);
  });

  test("a message that no branch shows any more is still found", () => {
    const before = log.write("t", [create("t"), say("m1", "first"), say("m2", "left behind")]);
    const main = before.branches["main"];
    if (main === undefined) throw new Error("main always exists");
    const moved = { ...main, position: 1, messageId: "m1", count: 1, isTip: false };
    log.write("t", [{ op: "branch.move", data: { branch: moved, lastMessage: null } }]);
    expect(ids("behind")).toEqual(["m2"]);
  });
});

describe("order and pages", () => {
  beforeEach(() => {
    log.write("t", [
      create("t"),
      say("m1", "apple apple apple"),
      say("m2", "an apple among many other words that have nothing to do with it at all"),
      say("m3", "apple", { role: "assistant" }),
      say("m4", "pear"),
    ]);
  });

  test("the best comes first by default, the newest on request", () => {
    expect(ids("apple")).toEqual(["m1", "m3", "m2"]);
    expect(ids("apple", { order: "recent" })).toEqual(["m3", "m2", "m1"]);
    const scores = find("apple").map((hit) => hit.score);
    expect(scores.every((score) => score > 0)).toBe(true);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  test.each(["rank", "recent"] as const)("pages by %s add up to the whole list", (order) => {
    const whole = ids("apple", { order });
    const pages = [0, 1, 2].map((offset) =>
      index.search(EVERYBODY, { text: "apple", order, limit: 1, offset }),
    );
    expect(pages.flatMap((page) => idsOf(page.hits))).toEqual(whole);
    expect(pages.map((page) => page.hasMore)).toEqual([true, true, false]);
    expect(index.search(EVERYBODY, { text: "apple", order, limit: 1, offset: 3 })).toEqual({
      hits: [],
      hasMore: false,
      indexLag: 0,
    });
  });

  test("a word counts more the more often it stands there, and less within an identifier", () => {
    log.write("u", [
      create("u"),
      say("once", "plum and some more words here"),
      say("twice", "plum plum and some more words"),
      say("often", "plum plum plum plum plum plum"),
      say("inside", "plumTree and some more words here"),
    ]);
    expect(ids("plum")).toEqual(["often", "twice", "once", "inside"]);
  });

  test("of several words, the rare one counts more", () => {
    log.write("u", [create("u"), ...["a", "b", "c", "d"].map((id) => say(id, "plum cake"))]);
    log.write("u", [say("e", "kiwi cake"), say("f", "plum pie")]);
    expect(ids("plum OR kiwi")).toEqual(["e", "f", "d", "c", "b", "a"]);
    expect(ids('kiwi OR "plum cake"')).toEqual(["e", "d", "c", "b", "a"]);
  });

  test("the newest 10,000 are ranked, and the older ones follow them", () => {
    log.write("u", [create("u"), say("best", "fig fig"), say("older", "fig and more")]);
    for (let first = 0; first < 10_000; first += 1_000)
      log.write(
        "u",
        Array.from({ length: 1_000 }, (_, at) => say(`x${first + at}`, "fig among other words")),
      );
    while (index.catchUp(2_000) > 0);
    expect(ids("fig", { limit: 2 })).toEqual(["x9999", "x9998"]);
    expect(ids("fig", { limit: 5, offset: 9_999 })).toEqual(["x0", "best", "older"]);
    log.write("u", [say("new", "fig fig")]);
    expect(ids("fig", { limit: 1 })).toEqual(["new"]);
  });

  test("roles and a thread narrow it down", () => {
    log.write("u", [create("u", { title: "apple title" }), say("m5", "apple")]);
    expect(ids("apple", { roles: ["assistant"] })).toEqual(["m3"]);
    expect(ids("apple", { roles: ["user"], threadId: "t", order: "recent" })).toEqual(["m2", "m1"]);
    expect(ids("apple", { threadId: "u", order: "recent" })).toEqual(["m5", null]);
    expect(ids("apple", { threadId: "nowhere" })).toEqual([]);
    expect(ids("apple", { roles: [] })).toEqual([]);
  });
});

describe("who finds what", () => {
  test("a user finds their own threads and those shared with them", () => {
    log.write("a", [create("a", { owner: "alice" }), say("m1", "word")]);
    log.write("b", [
      create("b", { owner: "bob", members: { carol: "viewer" } }),
      say("m2", "word"),
    ]);
    expect(threads("word", reader("alice"))).toEqual(["a"]);
    expect(threads("word", reader("bob"))).toEqual(["b"]);
    expect(threads("word", reader("carol"))).toEqual(["b"]);
    expect(threads("word", reader("dave"))).toEqual([]);
    expect(threads("word", EVERYBODY)).toHaveLength(2);
  });

  test("a member finds from the moment they are added until they are removed", () => {
    log.write("a", [create("a"), say("m1", "word")]);
    log.write("a", [{ op: "member.set", data: { user: "erin", role: "viewer" } }]);
    expect(threads("word", reader("erin"))).toEqual(["a"]);
    log.write("a", [{ op: "member.remove", data: { user: "erin" } }]);
    expect(threads("word", reader("erin"))).toEqual([]);
  });

  test("another tenant's threads are never found", () => {
    log.write("a", [create("a"), say("m1", "word")]);
    log.write("a", [create("a", { tenant: "globex" }), say("m2", "word")], { tenant: "globex" });
    expect(ids("word")).toEqual(["m1"]);
    expect(ids("word", { threadId: "a" })).toEqual(["m1"]);
    expect(ids("word", {}, { tenant: "globex", user: null })).toEqual(["m2"]);
    expect(ids("word", {}, { tenant: "nobody", user: "alice" })).toEqual([]);
  });

  test("deleted threads are not found until they are restored, archived ones are", () => {
    log.write("a", [create("a", { title: "word" }), say("m1", "word")]);
    log.write("a", [{ op: "thread.archive", data: {} }]);
    expect(ids("word")).toHaveLength(2);
    log.write("a", [{ op: "thread.delete", data: {} }]);
    expect(ids("word")).toEqual([]);
    expect(ids("word", { threadId: "a" })).toEqual([]);
    log.write("a", [{ op: "thread.undelete", data: {} }]);
    expect(ids("word")).toHaveLength(2);
  });

  test("a user with very many shared threads finds all of them", () => {
    for (let number = 0; number < 250; number++) {
      const id = `t${number}`;
      log.write(id, [create(id, { members: { carol: "viewer" } }), say(`m${number}`, "word")]);
    }
    log.write("x", [create("x"), say("other", "word")]);
    expect(ids("word", { limit: 300 }, reader("carol"))).toHaveLength(250);
  });
});

describe("forks", () => {
  beforeEach(() => {
    const origin = log.write("t", [create("t", { owner: "alice" }), say("m1", "shared word")]);
    log.write("f", [create("f", { owner: "bob" }, originOf(origin)), say("m3", "fork word")]);
    log.write("t", [say("m2", "later word")]);
  });

  test("a shared message is listed once, in the origin where that can be read", () => {
    expect(find("shared")).toMatchObject([{ threadId: "t", messageId: "m1" }]);
    expect(find("shared", {}, reader("bob"))).toMatchObject([{ threadId: "f", messageId: "m1" }]);
    expect(find("shared", {}, reader("carol"))).toEqual([]);
  });

  test("a reader of the fork does not find what the origin said later", () => {
    expect(ids("word", { order: "recent" }, reader("bob"))).toEqual(["m3", "m1"]);
  });

  test("a member of the fork finds what it includes", () => {
    log.write("f", [{ op: "member.set", data: { user: "erin", role: "viewer" } }]);
    expect(ids("word", { order: "recent" }, reader("erin"))).toEqual(["m3", "m1"]);
  });

  test("the filter by thread includes what a fork shows of its origin", () => {
    const hits = find("word", { threadId: "f", order: "recent" });
    expect(hits.map((hit) => [hit.threadId, hit.messageId])).toEqual([
      ["f", "m3"],
      ["f", "m1"],
    ]);
    expect(ids("word", { threadId: "t", order: "recent" })).toEqual(["m2", "m1"]);
  });

  test("when the origin is deleted or purged, the fork still shows what it includes", () => {
    log.write("t", [{ op: "thread.delete", data: {} }]);
    expect(find("shared")).toMatchObject([{ threadId: "f", messageId: "m1" }]);
    log.write("t", [{ op: "thread.purge", data: {} }]);
    expect(find("shared")).toMatchObject([{ threadId: "f", messageId: "m1" }]);
    expect(ids("later")).toEqual([]);
    log.write("f", [{ op: "thread.purge", data: {} }]);
    expect(ids("word")).toEqual([]);
  });

  test("a redaction in the origin acts in the fork", () => {
    log.write("t", [redact("m1")]);
    expect(ids("shared", {}, reader("bob"))).toEqual([]);
  });
});

describe("forgetting", () => {
  test("a redacted message is not found", () => {
    log.write("t", [create("t"), say("m1", "secret word"), say("m2", "word")]);
    expect(ids("word")).toHaveLength(2);
    log.write("t", [redact("m1")]);
    expect(ids("word")).toEqual(["m2"]);
  });

  test("what is redacted before it was indexed is not found either", () => {
    log.write("t", [create("t"), say("m1", "secret"), open("m2", "r1"), redact("m2")]);
    log.write("t", [close("m2", "secret"), redact("m1")]);
    expect(ids("secret")).toEqual([]);
  });

  test("forget takes a message out before the log says so", () => {
    log.write("t", [create("t"), say("m1", "secret word"), say("m2", "word")]);
    expect(ids("word")).toHaveLength(2);
    index.forget(log.tidOf("t"), ["m1", "unknown"]);
    expect(ids("word")).toEqual(["m2"]);
    expect(() => index.forget(4711, ["m1"])).not.toThrow();
  });

  test("a purged thread leaves nothing", () => {
    log.write("t", [create("t", { title: "word" }), say("m1", "word")]);
    expect(ids("word")).toHaveLength(2);
    log.write("t", [{ op: "thread.purge", data: {} }]);
    expect(ids("word")).toEqual([]);
    expect(ids("word", {}, { tenant: TENANT, user: "alice" })).toEqual([]);
  });
});
