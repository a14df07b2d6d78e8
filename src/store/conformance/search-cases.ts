import assert from "node:assert/strict";
import type { ToolOutput, ToolResultPart } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { SearchQuery } from "../search.ts";
import { SEARCH, SEARCH_AND_FORKS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, EVERYBODY, existing, extend, reader, START } from "./fixture.ts";
import { close, open, originOf, say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";
import { addThread, hitsFor, messagesFor } from "./search-fixture.ts";

const FOX = "The quick brown fox jumps over the lazy dog.";

export const SEARCH_CASES: readonly ConformanceCase[] = [
  {
    name: "tool output is searched, calls and reasoning are not",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t"),
        say(
          "a",
          [
            { type: "reasoning", text: "pondering" },
            { type: "tool-call", callId: "c1", name: "look", inputText: '{"at":"horizon"}' },
            { type: "tool-call", callId: "c2", name: "look", inputText: "{}" },
            { type: "refusal", text: "declined" },
          ],
          { role: "assistant" },
        ),
        say("b", [outputOf("c1", { type: "text", text: "sunset\u0000ahead" })], { role: "tool" }),
        say("c", [outputOf("c2", { type: "json", value: { colors: ["crimson", 17] } })], {
          role: "tool",
        }),
      ]);
      assert.deepEqual(await messagesFor(store, "sunset"), ["b"]);
      assert.deepEqual(await messagesFor(store, "ahead"), ["b"]);
      assert.deepEqual(await messagesFor(store, "crimson 17"), ["c"]);
      assert.deepEqual(await messagesFor(store, "declined"), ["a"]);
      for (const text of ["pondering", "horizon", "colors"])
        assert.deepEqual(await messagesFor(store, text), [], text);
    },
  },
  {
    name: "titles are searched, as they are now",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t", { title: "Ärger im Büro" }), say("a", "hello")]);
      const [hit] = (await store.search(EVERYBODY, { text: "arger", limit: 10 })).hits;
      const { threadId, threadTitle, messageId, role, snippet } = existing(hit);
      assert.deepEqual(
        { threadId, threadTitle, messageId, role, snippet },
        {
          threadId: "t",
          threadTitle: "Ärger im Büro",
          messageId: null,
          role: null,
          snippet: "Ärger im Büro",
        },
      );
      await extend(store, "t", [{ op: "thread.set", data: { title: "Frieden" } }]);
      assert.deepEqual((await store.search(EVERYBODY, { text: "arger", limit: 10 })).hits, []);
      const renamed = await store.search(EVERYBODY, { text: "frieden", limit: 10 });
      assert.equal(renamed.hits.length, 1);
      await extend(store, "t", [{ op: "thread.set", data: { title: null } }]);
      assert.deepEqual((await store.search(EVERYBODY, { text: "frieden", limit: 10 })).hits, []);
    },
  },
  {
    name: "a hit says where it is, who said it and when",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t", { title: "Animals" }), say("a", FOX)]);
      const page = await store.search(EVERYBODY, { text: "fox", limit: 10 });
      assert.equal(page.hasMore, false);
      assert.equal(page.indexLag, 0);
      const { snippet, highlights, score, ...hit } = existing(page.hits[0]);
      assert.deepEqual(hit, {
        threadId: "t",
        threadTitle: "Animals",
        messageId: "a",
        role: "user",
        at: START + 2_000,
      });
      assert.equal(snippet, FOX);
      assert.deepEqual(highlights, [[16, 19]]);
      assert.ok(Number.isFinite(score));
    },
  },
  {
    name: "the best match comes first, unless the newest is asked for",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      const filler = "some other words that have nothing to do with it ".repeat(6);
      await extend(store, "t", [
        create("t"),
        say("weak", `${filler} unicorn ${filler}`),
        say("best", "unicorn unicorn unicorn"),
        say("fair", `unicorn ${filler}`),
        say("none", filler),
        say("last", `${filler} ${filler} unicorn ${filler}`),
      ]);
      const ranked = await store.search(EVERYBODY, { text: "unicorn", limit: 10 });
      assert.equal(ranked.hits[0]?.messageId, "best");
      assert.equal(ranked.hits.at(-1)?.messageId, "last");
      const scores = ranked.hits.map(({ score }) => score);
      assert.deepEqual(
        scores,
        scores.toSorted((a, b) => b - a),
      );
      assert.deepEqual(await messagesFor(store, "unicorn", { order: "recent" }), [
        "last",
        "fair",
        "best",
        "weak",
      ]);
    },
  },
  {
    name: "of equally good hits the newest comes first, and a title has its place among messages",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t", { title: "unicorn" }), say("a", "unicorn")]);
      await extend(store, "u", [create("u", { title: "unicorn" })]);
      await extend(store, "t", [say("b", "unicorn"), say("c", "unicorn")]);
      await extend(store, "u", [say("d", "unicorn")]);
      await extend(store, "t", [say("e", "unicorn")]);
      const found = async (order: "rank" | "recent"): Promise<readonly string[]> => {
        const { hits } = await store.search(EVERYBODY, { text: "unicorn", order, limit: 10 });
        return hits.map(({ threadId, messageId }) => messageId ?? `title of ${threadId}`);
      };
      const newestFirst = ["e", "d", "c", "b", "title of u", "a", "title of t"];
      assert.deepEqual(await found("recent"), newestFirst);
      assert.deepEqual(await found("rank"), newestFirst);
      await extend(store, "u", [
        { op: "thread.set", data: { title: "Unicorn", titleSource: "human" } },
      ]);
      const renamed = ["title of u", "e", "d", "c", "b", "a", "title of t"];
      assert.deepEqual(await found("recent"), renamed);
      assert.deepEqual(await found("rank"), renamed);
    },
  },
  {
    name: "a snippet is short, and its highlights are the words that were found",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      const filler = "Lorem ipsum dolor 🧵 sit amet, consectetur adipiscing elit. ".repeat(20);
      await extend(store, "t", [
        create("t"),
        say("a", `${filler}The Ünicörn met a dragon. ${filler}`),
      ]);
      const [hit] = (await store.search(EVERYBODY, { text: "unicorn dragon", limit: 10 })).hits;
      const { snippet, highlights } = existing(hit);
      assert.ok(snippet.length <= 170, `${snippet.length} characters`);
      assert.ok(snippet.isWellFormed());
      const words = highlights.map(([start, end]) => snippet.slice(start, end));
      assert.deepEqual(words, ["Ünicörn", "dragon"]);
    },
  },
  {
    name: "only certain roles are searched when they are given",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t", { title: "unicorn" }),
        say("s", "unicorn", { role: "system" }),
        say("u", "unicorn"),
        say("a", "unicorn", { role: "assistant" }),
      ]);
      const found = async (roles: SearchQuery["roles"]): Promise<readonly string[]> =>
        (await messagesFor(store, "unicorn", roles && { roles })).toSorted();
      assert.deepEqual(await found(undefined), ["a", "s", "title", "u"]);
      assert.deepEqual(await found(["user"]), ["u"]);
      assert.deepEqual(await found(["user", "assistant"]), ["a", "u"]);
      assert.deepEqual(await found(["tool"]), []);
    },
  },
  {
    name: "a message is found once it is committed, on whatever branch it is",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1"), open("a", "r1")]);
      assert.deepEqual(await messagesFor(store, "unicorn"), []);
      const head = await extend(store, "t", [close("a", "a unicorn")]);
      assert.deepEqual(await messagesFor(store, "unicorn"), ["a"]);
      const main = existing(head.branches[MAIN]);
      const side = { ...main, name: "side", isTip: false };
      await extend(store, "t", [
        { op: "branch.create", data: { branch: side } },
        say("b", "another unicorn", { branch: "side" }),
        { op: "branch.remove", data: { name: "side" } },
      ]);
      assert.deepEqual((await messagesFor(store, "unicorn")).toSorted(), ["a", "b"]);
    },
  },
  {
    name: "search shows a user their own and shared threads only",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "private", {});
      await addThread(store, "shared", { members: { bob: "viewer" } });
      await addThread(store, "own", { owner: "bob" });
      const seenBy = async (as: Reader): Promise<readonly string[]> => {
        const { hits } = await store.search(as, { text: "unicorn", limit: 10 });
        return hits.map(({ threadId }) => threadId).toSorted();
      };
      assert.deepEqual(await seenBy(EVERYBODY), ["own", "private", "shared"]);
      assert.deepEqual(await seenBy(reader("bob")), ["own", "shared"]);
      for (const user of ["mallory", "constructor", "", "BOB"])
        assert.deepEqual(await seenBy(reader(user)), []);
      assert.deepEqual(await seenBy({ tenant: "globex", user: null }), []);
      await extend(store, "shared", [{ op: "member.remove", data: { user: "bob" } }]);
      assert.deepEqual(await seenBy(reader("bob")), ["own"]);
      await extend(store, "private", [{ op: "member.set", data: { user: "bob", role: "owner" } }]);
      assert.deepEqual(await seenBy(reader("bob")), ["own", "private"]);
    },
  },
  {
    name: "deleted threads are not found until they are undeleted, archived ones are",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "t", {});
      await extend(store, "t", [{ op: "thread.archive", data: {} }]);
      assert.deepEqual(await messagesFor(store, "unicorn"), ["t.m"]);
      await extend(store, "t", [{ op: "thread.delete", data: {} }]);
      assert.deepEqual(await messagesFor(store, "unicorn"), []);
      await extend(store, "t", [{ op: "thread.undelete", data: {} }]);
      assert.deepEqual(await messagesFor(store, "unicorn"), ["t.m"]);
    },
  },
  {
    name: "a search can be kept to one thread, if the reader may see it",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "t", {});
      await addThread(store, "u", { owner: "bob" });
      assert.deepEqual(await messagesFor(store, "unicorn", { threadId: "u" }), ["u.m"]);
      assert.deepEqual(await messagesFor(store, "unicorn", { threadId: "nobody" }), []);
      const query = { text: "unicorn", threadId: "t", limit: 10 };
      assert.deepEqual((await store.search(reader("bob"), query)).hits, []);
    },
  },
  {
    name: "a message that forks share is listed once, in a thread that the reader may see",
    requires: SEARCH_AND_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "unicorn")]);
      await extend(store, "t", [say("b", "unicorn, later")]);
      await extend(store, "f", [create("f", { owner: "bob" }, originOf(origin))]);
      await extend(store, "g", [create("g", { owner: "bob" }, originOf(origin))]);
      const forAll = await hitsFor(store, EVERYBODY);
      assert.deepEqual(forAll.map(({ messageId }) => existing(messageId)).toSorted(), ["a", "b"]);
      const forBob = await hitsFor(store, reader("bob"));
      assert.deepEqual(
        forBob.map(({ messageId }) => messageId),
        ["a"],
      );
      assert.ok(["f", "g"].includes(existing(forBob[0]).threadId));
      const inFork = await hitsFor(store, EVERYBODY, "f");
      assert.deepEqual(
        inFork.map(({ threadId, messageId }) => [threadId, messageId]),
        [["f", "a"]],
      );
    },
  },
  {
    name: "search results are paged without loss or repetition",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = Array.from({ length: 300 }, (_, index) => `m${String(index).padStart(3, "0")}`);
      const says = ids.map((id, index) =>
        say(id, `unicorn number ${index} ${"x".repeat(index % 7)}`),
      );
      await extend(store, "t", [create("t"), ...says, say("other", "a dragon")]);
      for (const order of ["rank", "recent"] as const) {
        const seen: string[] = [];
        for (let offset = 0; ; offset += 64) {
          const query: SearchQuery = { text: "unicorn", order, limit: 64, offset };
          const { hits, hasMore, indexLag } = await store.search(EVERYBODY, query);
          assert.equal(indexLag, 0);
          seen.push(...hits.map(({ messageId }) => existing(messageId)));
          assert.equal(hasMore, seen.length < ids.length);
          if (!hasMore) break;
        }
        assert.deepEqual(seen.toSorted(), ids);
      }
      const newest = await messagesFor(store, "unicorn", { order: "recent", limit: 3 });
      assert.deepEqual(newest, ["m299", "m298", "m297"]);
    },
  },
  {
    name: "a word that only others may read does not show in any number of results",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      for (let index = 0; index < 30; index++) await addThread(store, `hidden${index}`, {});
      await addThread(store, "own", { owner: "bob" });
      const page = await store.search(reader("bob"), { text: "unicorn", limit: 1 });
      assert.deepEqual(
        page.hits.map(({ threadId }) => threadId),
        ["own"],
      );
      assert.equal(page.hasMore, false);
    },
  },
];

function outputOf(callId: string, output: ToolOutput): ToolResultPart {
  return { type: "tool-result", callId, name: "look", outcome: "ok", output };
}
