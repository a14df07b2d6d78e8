import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { createWorkspace, type Wire, type Workspace } from "./workspace.ts";

let work: Workspace;
const T = "plan";

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

async function one(args: readonly string[]): Promise<Wire> {
  const [first] = await work.json(args);
  if (first === undefined) throw new Error(`skein ${args.join(" ")} printed nothing`);
  return first;
}

test("a thread is created with title, tags, metadata and members, and shown", async () => {
  const named = ["threads", "new", "--id", T, "--title", "Release plan", "--tags", "work,release"];
  const described = ["--metadata", '{"customer":"c_9"}', "--member", "bob:viewer,carol"];
  const made = await one([...named, ...described, "--environment"]);
  expect(made).toMatchObject({
    id: T,
    title: "Release plan",
    user_id: "local",
    tags: ["work", "release"],
    metadata: { customer: "c_9" },
    members: { bob: "viewer", carol: "editor" },
    environment: { platform: { os: process.platform } },
    message_count: 0,
  });
  const shown = await work.skein(["threads", "show", T]);
  expect(shown.stdout).toContain("“Release plan”");
  expect(shown.stdout).toContain("members   bob (viewer), carol (editor)");
  const again = await work.skein(["threads", "new", "--id", T]);
  expect(again).toMatchObject({ code: 5, stdout: "" });
});

test("messages are added without an answer, from arguments and from stdin", async () => {
  const first = await work.skein(["messages", "add", T, "Where do we begin?"]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const [second] = await work.json(
    ["messages", "add", T, "-", "--role", "assistant", "--author", "assistant", "--id", "m2"],
    { input: "With the zebra list.\n" },
  );
  expect(second).toMatchObject({ id: "m2", role: "assistant", content: "With the zebra list." });
  const shown = await one(["threads", "show", T]);
  expect(shown["messages"].map((message: Wire) => message["content"])).toEqual([
    "Where do we begin?",
    "With the zebra list.",
  ]);
  expect(shown).toMatchObject({ id: T, has_older: false, message_count: 2 });
  expect(shown["messages"][0].id).toBe(first.stdout.trim());
  const page = await work.skein(["threads", "show", T, "--limit", "1"]);
  expect(page.stdout).toContain("With the zebra list.");
  expect(page.stdout).not.toContain("Where do we begin?");
  expect(page.stderr).toContain("--before m2");
});

test("the same key adds a message once", async () => {
  const add = ["messages", "add", T, "Only once.", "--key", "k-1"];
  const [first, second] = [await one(add), await one(add)];
  expect(second).toEqual(first);
  expect(await one(["threads", "stats", T])).toMatchObject({ thread_id: T, message_count: 3 });
  const other = await work.skein(["messages", "add", T, "Something else.", "--key", "k-1"]);
  expect(other.code).toBe(5);
});

test("titles and tags change, and a stale version is a conflict", async () => {
  const renamed = await one(["threads", "rename", T, "Zebra plan"]);
  expect(renamed["title"]).toBe("Zebra plan");
  const stale = await work.skein(["threads", "rename", T, "Lost", "--expected-version", "1"]);
  expect(stale.code).toBe(5);
  expect(stale.stderr).toMatch(/^skein: [^\n]+\n$/);
  const version = String(renamed["version"]);
  const retag = ["threads", "tag", T, "urgent", "--remove", "work"];
  const tagged = await one([...retag, "--expected-version", version]);
  expect(tagged["tags"]).toEqual(["release", "urgent"]);
  expect((await work.skein(["threads", "tag", T])).stdout).toBe("release\nurgent\n");
  expect((await one(["threads", "rename", T, "--none"]))["title"]).toBeNull();
  expect((await one(["threads", "rename", T, "-"]))["title"]).toBe("");
});

test("a message is edited on a sibling, and branches are listed, made, renamed and removed", async () => {
  const edited = await one(["threads", "edit", T, "m2", "With the lion list."]);
  expect(edited).toMatchObject({ content: "With the lion list.", edit_of: "m2" });
  const kept = await work.json(["threads", "branches", T]);
  expect(kept.map(({ name }) => name)).toEqual(["main", "main~1"]);
  await one(["threads", "branches", T, "--create", "idea", "--message", "m2"]);
  await one(["threads", "branches", T, "--rename", "main~1", "--to", "first-try"]);
  const after = await work.json(["threads", "branches", T, "--remove", "idea"]);
  expect(after.map(({ name }) => name)).toEqual(["main", "first-try"]);
  const old = await one(["threads", "show", T, "--branch", "first-try"]);
  expect(old["messages"].map((message: Wire) => message["content"])).toContain("Only once.");
  expect((await work.skein(["threads", "branches", T, "--remove", "main"])).code).toBe(5);
});

test("a branch is truncated, a version restored, and the past stays readable", async () => {
  const before = await one(["threads", "show", T, "--limit", "0"]);
  const cut = await one(["threads", "truncate", T, "--all"]);
  expect(cut["message_count"]).toBe(0);
  const past = await one(["threads", "show", T, "--at", String(before["version"])]);
  expect(past["messages"]).toHaveLength(2);
  const restored = await one(["threads", "restore", T, String(before["version"])]);
  expect(restored["message_count"]).toBe(2);
  expect(restored["version"]).toBeGreaterThan(cut["version"]);
  expect((await work.skein(["threads", "restore", T, "9999"])).code).toBe(3);
});

test("a fork shares messages up to a version or a message", async () => {
  const whole = await one(["threads", "fork", T, "--id", "plan-2", "--title", "Second plan"]);
  expect(whole).toMatchObject({ id: "plan-2", message_count: 2, forked_from: { thread_id: T } });
  const shown = await one(["threads", "show", T]);
  const first: string = shown["messages"][0].id;
  expect(await one(["threads", "fork", T, "--message", first])).toMatchObject({ message_count: 1 });
});

test("the log is gapless and can be followed", async () => {
  const entries = await work.json(["threads", "log", T, "--limit", "1000"]);
  expect(entries.map(({ version }) => version)).toEqual(entries.map((_, index) => index + 1));
  expect(entries[0]).toMatchObject({ op: "thread.create", actor: "user:local" });
  const follower = work.start(["threads", "log", T, "--follow", "--json", "--after", "2"]);
  await follower.seen(new RegExp(`"version":${entries.length},`));
  await one(["messages", "add", T, "While somebody watches."]);
  await follower.seen(/While somebody watches\./);
  follower.process.kill("SIGINT");
  expect((await follower.ended).code).toBe(130);
});

test("the log is printed whole, however large its entries are", async () => {
  const store = sqliteStore({ path: join(work.directory, ".skein/skein.db") });
  const engine = createEngine({ store });
  const { thread } = await engine.create({ id: "large", title: "Large" });
  const version = thread.version + 5;
  for (let n = 0; n < 5; n++)
    await engine.append(thread.id, { messages: [{ content: `${n}${"x".repeat(3_000_000)}` }] });
  // A page of the store has less than what is asked for here.
  expect((await engine.log(thread.id, { limit: 1_000 })).length).toBeLessThan(version);
  await engine.close();
  const all = await work.json(["threads", "log", "large", "--limit", "1000"]);
  expect(all.map((entry) => entry["version"])).toEqual([1, 2, 3, 4, 5, 6]);
  const some = await work.json(["threads", "log", "large", "--after", "1", "--limit", "4"]);
  expect(some.map((entry) => entry["version"])).toEqual([2, 3, 4, 5]);
  expect(some.map((entry) => entry["data"].message.content[0])).toEqual(["0", "1", "2", "3"]);
  await one(["threads", "delete", "large", "--purge", "--yes"]);
});

test("search finds titles and messages, with the place that matched", async () => {
  const hits = await work.json(["threads", "search", '"lion list"']);
  expect(hits[0]).toMatchObject({ role: "assistant" });
  const matched = hits[0]?.["highlights"].map(([start, end]: [number, number]) =>
    hits[0]?.["snippet"].slice(start, end),
  );
  expect(matched.join(" ")).toBe("lion list");
  const people = await work.skein(["threads", "search", "lion"]);
  expect(people.stdout).toContain("lion list.");
  expect((await work.skein(["threads", "search", "unheard-of"])).stderr).toBe("Nothing found.\n");
});

test("lists are filtered and paged", async () => {
  const all = await work.json(["threads", "list"]);
  expect(all.map(({ id }) => id)).toContain("plan-2");
  const tagged = await work.json(["threads", "list", "--tag", "urgent"]);
  // Forks take the tags along.
  expect(tagged.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(await work.json(["threads", "list", "--metadata", '{"customer":"c_8"}'])).toEqual([]);
  expect(await work.json(["threads", "list", "--to", "2020-01-01"])).toEqual([]);
  const page = await work.skein(["threads", "list", "--limit", "1", "--json"]);
  const { next_cursor: cursor } = JSON.parse(page.stderr);
  const next = await work.json(["threads", "list", "--limit", "1", "--cursor", cursor]);
  expect(next).toMatchObject([{ id: all[1]?.["id"] }]);
  const foreign = await work.skein(["threads", "list", "--archived", "--cursor", cursor]);
  expect(foreign.code).toBe(2);
  const people = await work.skein(["threads", "list", "--title", "Second"]);
  expect(people.stdout).toMatch(/^plan-2 {2}.*2 messages {2}Second plan {2}#release {2}#urgent\n$/);
});

test("users see their own and shared threads; members decide what they may do", async () => {
  const asBob = { env: { SKEIN_USER: "bob" } };
  expect((await work.skein(["threads", "show", T], asBob)).code).toBe(0);
  expect((await work.skein(["messages", "add", T, "May I?"], asBob)).code).toBe(4);
  expect((await work.skein(["threads", "show", T, "--user", "mallory"])).code).toBe(3);
  const members = await work.json([
    "threads",
    "members",
    T,
    "--set",
    "bob:editor",
    "--remove",
    "carol",
  ]);
  expect(members).toEqual([
    { user: "local", role: "owner" },
    { user: "bob", role: "editor" },
  ]);
  const [said] = await work.json(["messages", "add", T, "Now I may."], asBob);
  expect(said?.["author"]).toMatchObject({ kind: "user", id: "bob" });
  const mine = await work.json(["threads", "new", "--title", "Bob's"], asBob);
  expect(mine[0]?.["user_id"]).toBe("bob");
  expect((await work.json(["threads", "list"], asBob)).map(({ title }) => title)).toContain(
    "Bob's",
  );
});

test("a message is redacted, in the thread and in its forks", async () => {
  const [said] = await work.json(["messages", "add", T, "The password is swordfish."]);
  const fork = await one(["threads", "fork", T, "--id", "gone"]);
  const redact = ["messages", "redact", T, said?.["id"]];
  const unasked = await work.skein(redact);
  expect(unasked).toMatchObject({ code: 2, stdout: "" });
  expect(unasked.stderr).toContain("--yes");
  const redacted = await one([...redact, "--reason", "a password", "--yes"]);
  expect(redacted).toMatchObject({ id: said?.["id"], redacted: true, content: "" });
  const log = await work.json(["threads", "log", T, "--limit", "1000"]);
  expect(log.at(-1)).toMatchObject({ op: "message.redact", data: { reason: "a password" } });
  expect(JSON.stringify(log)).not.toContain("swordfish");
  const told = await work.json(["threads", "log", "gone", "--after", String(fork["version"])]);
  expect(told).toMatchObject([{ op: "message.redact", actor: "system" }]);
  expect((await work.skein(["messages", "redact", T, "nobody", "--yes"])).code).toBe(3);
});

test("the feed tells what became of all threads, past and to come", async () => {
  const past = await work.json(["threads", "feed"]);
  const created = past.filter(({ type }) => type === "created").map((event) => event["thread_id"]);
  expect(created.slice(0, 2)).toEqual([T, "plan-2"]);
  const [first, second] = await work.json(["threads", "feed", "--limit", "2"]);
  expect([first, second]).toEqual(past.slice(0, 2));
  const rest = await work.json(["threads", "feed", "--after", second?.["cursor"]]);
  expect(rest).toEqual(past.slice(2));
  const follower = work.start(["threads", "feed", "--follow", "--after", past.at(-1)?.["cursor"]]);
  await one(["threads", "new", "--id", "late", "--title", "Late"]);
  await follower.seen(/^created +1 +late .*Late$/m);
  follower.process.kill("SIGINT");
  expect((await follower.ended).code).toBe(130);
  expect((await work.skein(["threads", "feed", "--after", "nonsense"])).code).toBe(2);
  const asMallory = { env: { SKEIN_USER: "mallory" } };
  expect(await work.json(["threads", "feed"], asMallory)).toEqual([]);
});

test("threads are archived, deleted, undeleted and purged", async () => {
  expect((await one(["threads", "archive", T]))["archived_at"]).not.toBeNull();
  expect(await work.json(["threads", "list", "--archived"])).toMatchObject([{ id: T }]);
  expect((await one(["threads", "unarchive", T]))["archived_at"]).toBeNull();
  expect(await one(["threads", "delete", T, "--yes"])).toEqual({
    id: T,
    deleted: true,
    purged: false,
  });
  expect((await work.skein(["threads", "show", T])).code).toBe(3);
  expect(await work.json(["threads", "list", "--deleted"])).toMatchObject([{ id: T }]);
  expect((await one(["threads", "undelete", T]))["deleted_at"]).toBeNull();
  expect((await work.skein(["threads", "purge", T])).code).toBe(2);
  await one(["threads", "delete", T, "--yes"]);
  expect(await one(["threads", "purge", T, "--yes"])).toEqual({
    id: T,
    deleted: true,
    purged: true,
  });
  expect(await one(["threads", "delete", "gone", "--purge", "--yes"])).toMatchObject({
    purged: true,
  });
  expect((await work.skein(["threads", "undelete", T])).code).toBe(3);
  expect((await one(["threads", "show", "plan-2"]))["messages"]).toHaveLength(2);
});
