import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main as customRepository } from "../../examples/dive/custom-repository.ts";
import { main as errorHandling } from "../../examples/dive/error-handling.ts";
import { main as fileRepository } from "../../examples/dive/file-repository.ts";
import { main as interactiveChat } from "../../examples/dive/interactive-chat.ts";
import { main as messageLimit } from "../../examples/dive/message-limit.ts";
import { main as metadataPrompt } from "../../examples/dive/metadata-prompt.ts";
import {
  createTable,
  main as onPostgres,
  postgresRepository,
} from "../../examples/dive/postgres-repository.ts";
import { main as simpleThread } from "../../examples/dive/simple-thread.ts";
import { main as teamThread } from "../../examples/dive/team-thread.ts";
import { main as threadMetadata } from "../../examples/dive/thread-metadata.ts";
import { main as threadPersistence } from "../../examples/dive/thread-persistence.ts";
import { main as userIsolation } from "../../examples/dive/user-isolation.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl } from "../support/servers/servers.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-examples-"));
  process.env["SKEIN_DEMO_DELAY_MS"] = "0";
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
  delete process.env["SKEIN_DEMO_DELAY_MS"];
});

async function printed(main: (print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  return lines;
}

test("the simple thread remembers a name and a project", async () => {
  const [, name, project] = await printed(simpleThread);
  expect(name).toContain("Alice");
  expect(project).toContain("Go project");
});

test("the interactive chat goes on where the user stopped", async () => {
  const path = join(directory, "chat.db");
  const talk = async (lines: string): Promise<string> => {
    const output = new PassThrough();
    const all = readAll(output);
    await interactiveChat({ input: Readable.from([lines]), output, path });
    output.end();
    return all;
  };
  await talk("alice\nMy favorite color is blue.\nquit\n");
  expect(await talk("alice\nWhat's my favorite color?\nquit\n")).toContain("blue");
  expect(await talk("bob\nWhat's my favorite color?\nquit\n")).not.toContain("blue");
});

test("two users are told apart and cannot reach each other's threads", async () => {
  const [alice, bob, refused, list] = await printed(userIsolation);
  expect(alice).toContain("blue");
  expect(bob).toContain("red");
  expect(refused).toBe("thread_not_found");
  expect(list).toBe("bob-thread");
});

test("the team's assistant knows who works on what", async () => {
  const [status] = await printed(teamThread);
  expect(status).toContain("alice");
  expect(status).toContain("Friday");
});

test("metadata is given at creation, merged, and filtered by", async () => {
  expect(await printed(threadMetadata)).toEqual([
    JSON.stringify({ project: "web-api", priority: "low", created_by: "alice" }),
    "metadata-example",
  ]);
});

test("the prompt shows the allowed metadata and nothing else", async () => {
  const [answer] = await printed(metadataPrompt);
  expect(answer).toContain("web-api");
  expect(answer).not.toContain("not for the model");
});

test("a repository of three functions keeps threads across restarts", async () => {
  const [name, list, roles, kept] = await printed(customRepository);
  expect(name).toContain("Alice");
  expect(list).toBe("Chat.1");
  expect(roles).toBe("user, assistant, user, assistant");
  expect(kept).toBe("2 threads in the repository");
});

test("a repository on files keeps threads apart, lists them, and deletes the old ones", async () => {
  const folder = join(directory, "repository");
  const [name, list, roles, files, deleted] = await printed((print) =>
    fileRepository(print, folder),
  );
  expect(name).toContain("Alice");
  expect(list).toBe("Chat.1");
  expect(roles).toBe("user, assistant, user, assistant");
  expect(files).toBe("2 files");
  expect(deleted).toBe("2 deleted");
});

await describeServer("postgres", "a repository in a table of PostgreSQL", () => {
  test("keeps threads across restarts, takes foreign rows, lists and deletes", async () => {
    const url = await postgresUrl();
    const [name, list, roles, , counts, deleted] = await printed((print) => onPostgres(print, url));
    expect(name).toContain("Alice");
    expect(list).toBe("Chat.1");
    expect(roles).toBe("user, assistant, user, assistant");
    expect(counts).toBe("old: 3, Chat.1: 4");
    expect(deleted).toBe("2 deleted");
  });

  test("keeps what a tool said as it was, and finds threads by time", async () => {
    const pool = new pg.Pool({ connectionString: await postgresUrl() });
    await createTable(pool);
    const repository = postgresRepository(pool);
    const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
    const thread = { messages: [{ role: "tool", content: "a\0b \ud800" }] } as const;
    for (const day of [1, 2, 3])
      await repository.putThread({ ...thread, id: `t${day}`, updatedAt: at(day) });
    const found = (await repository.getThreadsByDateRange?.(at(2), at(3))) ?? [];
    expect(found.map(({ id }) => id)).toEqual(["t3", "t2"]);
    expect(found[0]?.messages).toEqual(thread.messages);
    expect(await repository.deleteThreadsOlderThan?.(at(3))).toBe(2);
    expect(await repository.getThread("t1")).toBeUndefined();
    await repository.deleteThread("t3");
    expect(await repository.getThread("t3")).toBeUndefined();
    await pool.end();
  });
});

test("a message limit is a view: the thread keeps everything", async () => {
  expect(await printed(messageLimit)).toEqual([
    "43 messages are kept, 11 go to the model",
    "the first of them is the system message",
  ]);
});

test("errors have codes, and a retried request is said once", async () => {
  expect(await printed(errorHandling)).toEqual([
    "thread_not_found: There is no thread missing.",
    "created missing",
    "2 messages of the user",
  ]);
});

test("a thread outlives the process that wrote it", async () => {
  const lines = await printed((print) => threadPersistence(print, join(directory, "threads.db")));
  expect(lines[0]).toBe("2 messages");
  expect(lines[1]).toContain("Alice");
  expect(lines[2]).toBe("4 messages");
});
