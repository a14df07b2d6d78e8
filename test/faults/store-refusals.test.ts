import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { createWorkspace } from "../cli/workspace.ts";
import type { Workspace } from "../cli/workspace.ts";
import { layCable } from "../support/cable.ts";

const SECRET = "m4rk3r-s3cret";

interface Refusal {
  readonly code: string;
  readonly exit: number;
  readonly sentence: RegExp;
}

const UNANSWERED = {
  code: "store_unavailable",
  exit: 6,
  sentence:
    /^\w+ \S+ does not answer \(E[A-Z_]+\)\. Start it, or correct the address of the store\.$/u,
};
const NO_ENTRY = {
  code: "invalid_request",
  exit: 2,
  sentence:
    /^\w+ \S+ refuses the user or the password\. Check them in the address of the store\.$/u,
};
const TOO_NEW = { code: "schema_too_new", exit: 1, sentence: /schema version \d+.* Update Skein/u };

/** Proves that a server, a command and the doctor leave with one sentence about the store, and keep its secrets. */
async function proveRefused(
  workspace: Workspace,
  store: string,
  { code, exit, sentence }: Refusal,
): Promise<void> {
  const env = { SKEIN_STORE: store };
  const [served, listed, checked] = await Promise.all([
    workspace.skein(["serve", "--port", "0"], { env }),
    workspace.skein(["threads", "list", "--json"], { env }),
    workspace.skein(["doctor", "--json"], { env }),
  ]);
  expect([served.stderr, served.code, served.stdout]).toEqual([
    expect.stringMatching(/^skein: [^\n]+\n$/u),
    exit,
    "",
  ]);
  const { error } = JSON.parse(listed.stderr);
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) });
  expect([listed.code, listed.stdout]).toEqual([exit, ""]);
  // How exactly a connection broke may differ from one attempt to the next.
  const told = (text: string): string => text.replace(/ \(E[A-Z]+\)/u, "");
  expect(told(served.stderr)).toBe(`skein: ${told(error.message)}\n`);
  expect(checked.code).toBe(1);
  const {
    checks,
  }: { readonly checks: readonly { readonly name: string; readonly detail: string }[] } =
    JSON.parse(checked.stdout);
  const found = checks.find(({ name }) => name === "store");
  expect(found).toMatchObject({ status: "fail" });
  expect(told(found?.detail ?? "")).toBe(told(error.message));
  const password = URL.canParse(store) ? new URL(store).password : "";
  for (const secret of [SECRET, password].filter(Boolean))
    for (const { stdout, stderr } of [served, listed, checked])
      expect(stdout + stderr).not.toContain(secret);
}

function changed(
  url: string,
  changes: Partial<Record<"password" | "port" | "hostname" | "pathname", string>>,
): string {
  return Object.assign(new URL(url), changes).href;
}

test.concurrent.for([
  ["nosuch:x", /^The store must be sqlite:<path>, file:<folder>, postgres:/u],
  [`nosuch://user:${SECRET}@host/db`, /^The store must be .* not "nosuch:\/\/…@host\/db"\.$/u],
  [`${SECRET}@host/db`, /^The store must be .* not "…@host\/db"\.$/u],
  [`postgres://user:${SECRET}@host:port/db`, /^A PostgreSQL store is postgres:/u],
  [`mysql://user:${SECRET}@host:port/db`, /^A MySQL store is mysql:/u],
  [`mysql://user:${SECRET}@host`, /^A MySQL store is mysql:/u],
  [`redis://user:${SECRET}@host:port/0`, /^A Redis store is redis:/u],
  [
    `postgres://user:${SECRET}@host/db?connections=x`,
    /connections of a PostgreSQL store is a number/u,
  ],
  ["sqlite:", /^sqlite: needs a path/u],
  ["file:", /^file: needs a folder/u],
] as const)("the address %s is refused", { timeout: 120_000 }, async ([address, sentence]) => {
  await using workspace = await createWorkspace();
  await proveRefused(workspace, address, { code: "invalid_request", exit: 2, sentence });
});

describe("a path", () => {
  test.concurrent("that is no folder is refused", { timeout: 120_000 }, async () => {
    await using workspace = await createWorkspace();
    await writeFile(join(workspace.directory, "a-file"), "mine");
    for (const [address, sentence] of [
      ["sqlite:a-file/skein.db", /a-file/u],
      ["file:a-file/threads", /a-file/u],
    ] as const)
      await proveRefused(workspace, address, { code: "invalid_request", exit: 2, sentence });
  });

  test.concurrent("to something else is refused", { timeout: 120_000 }, async () => {
    await using workspace = await createWorkspace();
    await writeFile(join(workspace.directory, "notes.db"), "my notes, and no database".repeat(99));
    await mkdir(join(workspace.directory, "notes"));
    await writeFile(join(workspace.directory, "notes/mine.txt"), "my notes");
    await proveRefused(workspace, "sqlite:notes.db", {
      code: "store_corrupt",
      exit: 1,
      sentence: /^Cannot read \S+notes\.db: .* choose another file\.$/u,
    });
    await proveRefused(workspace, "file:notes", {
      code: "invalid_request",
      exit: 2,
      sentence: /notes.*"mine\.txt".*Choose an empty folder\.$/u,
    });
  });

  test.concurrent("to data of a newer program is refused", { timeout: 120_000 }, async () => {
    await using workspace = await createWorkspace();
    for (const store of ["sqlite:skein.db", "file:threads"])
      await workspace.json(["threads", "new"], { env: { SKEIN_STORE: store } });
    const database = new DatabaseSync(join(workspace.directory, "skein.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    await writeFile(join(workspace.directory, "threads/skein.json"), '{"format":99,"storeId":"s"}');
    for (const store of ["sqlite:skein.db", "file:threads"])
      await proveRefused(workspace, store, {
        ...TOO_NEW,
        sentence: /(version|format) 99.*[Uu]pdate Skein/u,
      });
  });
});

interface ServerCase {
  readonly kind: "postgres" | "mariadb" | "redis";
  readonly freshUrl: () => Promise<string>;
  readonly noDatabase: string;
  readonly run: (url: string, statement: readonly string[]) => Promise<void>;
  readonly makeNewer: readonly string[];
}

const NEWER = "UPDATE skein_meta SET value = '99' WHERE name = 'schema_version'";

const cases: readonly ServerCase[] = [
  {
    kind: "postgres",
    freshUrl: postgresUrl,
    noDatabase: "/nosuch",
    makeNewer: [NEWER],
    run: async (connectionString, [statement = ""]) => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      await client.query(statement);
      await client.end();
    },
  },
  {
    kind: "mariadb",
    freshUrl: mariadbUrl,
    noDatabase: "/nosuch",
    makeNewer: [NEWER],
    run: async (url, [statement = ""]) => {
      const connection = await createConnection(url);
      await connection.query(statement);
      await connection.end();
    },
  },
  {
    kind: "redis",
    freshUrl: redisUrl,
    noDatabase: "/99999",
    makeNewer: ["HSET", "skein:{#}:meta", "schema", "99"],
    run: async (url, command) => {
      const client = createClient({ url });
      await client.connect();
      await client.sendCommand(command);
      client.destroy();
    },
  },
];

for (const { kind, freshUrl, noDatabase, run, makeNewer } of cases)
  await describeServer(kind, `a store on ${kind}`, () => {
    test.concurrent(
      "is refused with a wrong password, host, port or database",
      { timeout: 120_000 },
      async () => {
        await using workspace = await createWorkspace();
        const url = await freshUrl();
        await proveRefused(workspace, changed(url, { password: SECRET }), NO_ENTRY);
        await proveRefused(workspace, changed(url, { port: "1" }), UNANSWERED);
        await proveRefused(workspace, changed(url, { hostname: "nosuch.invalid" }), UNANSWERED);
        await proveRefused(workspace, changed(url, { pathname: noDatabase }), {
          code: "invalid_request",
          exit: 2,
          sentence: / has no (such )?database/u,
        });
      },
    );

    test.concurrent("is refused when connections break off", { timeout: 120_000 }, async () => {
      await using workspace = await createWorkspace();
      await using cable = await layCable(await freshUrl());
      cable.breakFor(120_000);
      cable.loseAnswersTo(/[^]/u, () => true);
      await proveRefused(workspace, cable.url, {
        ...UNANSWERED,
        sentence: / does not answer( \(\w+\))?\. Start it, or correct the address of the store\.$/u,
      });
    });

    test.concurrent("is refused when a newer program wrote it", { timeout: 120_000 }, async () => {
      await using workspace = await createWorkspace();
      const url = await freshUrl();
      await workspace.json(["threads", "new"], { env: { SKEIN_STORE: url } });
      await run(url, makeNewer);
      await proveRefused(workspace, url, TOO_NEW);
    });
  });
