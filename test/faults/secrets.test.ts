import { inspect } from "node:util";
import { expect, test } from "vitest";
import { cached, createEngine, createSkein } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";
import { createApp } from "../../src/http/app.ts";
import { createAuth } from "../../src/http/auth.ts";
import { createWorkspace } from "../cli/workspace.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { layCable } from "../support/cable.ts";
import { SERVER_STORES } from "./server-stores.ts";
import type { ServerStoreKind } from "./server-stores.ts";

const SECRET = "m4rk3r-s3cret";

/** Everything that a log, a debugger or a crash report could show of a value. */
function shownOf(value: unknown): string {
  const stack = value instanceof Error ? String(value.stack) : "";
  const json = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof Error
      ? Object.assign(Object.create(null), item, { message: item.message, cause: item.cause })
      : item,
  );
  return [
    inspect(value, { depth: 12, showHidden: true, getters: true }),
    String(value),
    stack,
    json,
  ].join("\n");
}

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  const error: unknown = await work().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  return error;
}

/** What a client and an operator can get out of a server that works. */
async function exportsOf(engine: Engine, kind: ServerStoreKind, url: string): Promise<string> {
  const skein = createSkein({ store: kind.open(url), env: {}, worker: false });
  const app = createApp({
    skein,
    auth: createAuth([]),
    info: { version: "0", store: skein.store.name, model: "demo" },
    onFault: () => undefined,
  });
  const paths = ["health", "openapi.json", "threads", "threads/t", "threads/t/messages", "agents"];
  const answers = await Promise.all(
    paths.map(async (path) => {
      const response = await app.request(`http://127.0.0.1/api/v1/${path}`, {
        headers: { host: "127.0.0.1" },
      });
      expect([path, response.status]).toEqual([path, 200]);
      return `${JSON.stringify([...response.headers])}${await response.text()}`;
    }),
  );
  const log = await engine.log("t", { limit: 100 });
  const shown = shownOf([skein, skein.store, await skein.open(), log, app]);
  await skein.close();
  return [...answers, shown].join("\n");
}

function testSecrets(kind: ServerStoreKind): void {
  test(
    "shows no password in what it is called, answers, exports or throws",
    { timeout: 120_000 },
    async () => {
      const url = await kind.freshUrl();
      const { password } = new URL(url);
      expect(password.length).toBeGreaterThan(10);
      await using cable = await layCable(url);
      const store = kind.open(cable.url);
      const engine = createEngine({ store });
      await engine.create({ id: "t", messages: [{ content: "hello" }] });
      const shown = [shownOf([store, cached(store), engine, store.capabilities]), store.name];
      shown.push(await exportsOf(engine, kind, url));

      const wrong = new URL(url);
      wrong.password = SECRET;
      const nowhere = new URL(url);
      nowhere.port = "1";
      for (const address of [wrong.href, nowhere.href]) {
        const refused = kind.open(address);
        shown.push(shownOf([await errorOf(() => refused.open()), refused]));
        await refused.close();
      }
      cable.breakFor(60_000);
      cable.loseAnswersTo(/[^]/u, () => true);
      const append = () => engine.append("t", { messages: [{ content: "lost" }] });
      const broken = await Promise.all([errorOf(append), errorOf(() => engine.get("t"))]);
      shown.push(...broken.map(shownOf));
      await engine.close();
      shown.push(shownOf(await errorOf(append)), shownOf([store, engine]));
      expect(shown.join("")).toContain(store.name);
      for (const text of shown) {
        expect(text).not.toContain(password);
        expect(text).not.toContain(SECRET);
      }
    },
  );

  test(
    "shows no password in any line that the command line prints",
    { timeout: 120_000 },
    async () => {
      await using workspace = await createWorkspace();
      const url = await kind.freshUrl();
      const env = { SKEIN_STORE: url };
      const commands = [
        ["threads", "new", "--id", "t"],
        ["messages", "add", "t", "hello"],
        ["threads", "show", "t", "--json"],
        ["threads", "log", "t", "--json"],
        ["threads", "show", "nosuch"],
        ["doctor"],
      ];
      const said: string[] = [];
      for (const command of commands) {
        const { stdout, stderr } = await workspace.skein(command, { env });
        said.push(stdout + stderr);
      }
      expect(said.join("")).toContain("hello");
      expect(said.join("")).not.toContain(new URL(url).password);
    },
  );
}

test("what is shown of a value has the secrets of its fields and of its causes", () => {
  const cause = Object.assign(new Error("inner"), { config: { url: SECRET } });
  for (const value of [{ place: { url: SECRET } }, [new Error("outer", { cause })]])
    expect(shownOf(value)).toContain(SECRET);
});

for (const kind of SERVER_STORES)
  await describeServer(kind.server, `a store on ${kind.title}`, () => {
    testSecrets(kind);
  });
