import { expect, test } from "vitest";
import { layCable } from "../../../../test/support/cable.ts";
import { describeServer } from "../../../../test/support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl } from "../../../../test/support/servers/servers.ts";
import { createEngine } from "../../../engine/create-engine.ts";
import { isSkeinError } from "../../../model/error.ts";
import { textOf } from "../../../model/part.ts";
import { mysqlStore } from "../../mysql/mysql-store.ts";
import { postgresStore } from "../../postgres/postgres-store.ts";
import type { Store } from "../../store.ts";

const commits = [
  // One statement, which is the commit.
  {
    kind: "postgres",
    freshUrl: postgresUrl,
    storeAt: postgresStore,
    committing: /skein_entry \(/u,
  },
  { kind: "mariadb", freshUrl: mariadbUrl, storeAt: mysqlStore, committing: /COMMIT/u },
] as const;

for (const { kind, freshUrl, storeAt, committing } of commits)
  await describeServer(kind, `a store on ${kind} behind a connection that breaks`, () => {
    test("finds out that a commit took effect whose acknowledgement was lost, and repeats nothing", async () => {
      await using cable = await layCable(await freshUrl());
      const engine = createEngine({ store: storeAt(cable.url) });
      const { thread } = await engine.create({ title: "t" });
      cable.loseAnswerTo(committing);
      const appended = await engine.append(thread.id, { messages: [{ content: "once" }] });
      expect(cable.lost()).toBe(1);
      const { messages } = await engine.messages(thread.id, {});
      expect(messages.map(({ parts }) => textOf(parts))).toEqual(["once"]);
      expect(messages[0]?.id).toBe(appended.messages[0]?.id);
      await engine.close();
    });

    test("reads again what was not answered", async () => {
      await using cable = await layCable(await freshUrl());
      const store: Store = storeAt(cable.url);
      const engine = createEngine({ store });
      const { thread } = await engine.create({ title: "t" });
      cable.loseAnswerTo(/SELECT t\.tid/u);
      const [head] = await store.loadHeads([{ tenant: "default", id: thread.id }]);
      expect(cable.lost()).toBe(1);
      expect(head?.profile.title).toBe("t");
      await engine.close();
    });

    test("says without a password that the database does not answer", async () => {
      const url = await freshUrl();
      const cable = await layCable(url);
      const engine = createEngine({ store: storeAt(cable.url) });
      const { thread } = await engine.create({ title: "t" });
      await cable[Symbol.asyncDispose]();
      const refused = await engine.get(thread.id).catch((error: unknown) => error);
      const unwritten = await engine
        .append(thread.id, { messages: [{ content: "never" }] })
        .catch((error: unknown) => error);
      expect(isSkeinError(refused, "store_unavailable")).toBe(true);
      expect(isSkeinError(unwritten, "store_unavailable")).toBe(true);
      expect(String(refused)).not.toContain(new URL(url).password);
      await engine.close();
    });
  });
