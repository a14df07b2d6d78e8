import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { mariadbUrl } from "../../../test/support/servers/servers.ts";
import { createEngine } from "../../engine/create-engine.ts";
import type { Engine } from "../../engine/engine.ts";
import { mysqlStore } from "./mysql-store.ts";

const MIB = 1_048_576;

await describeServer("mariadb", "what MariaDB takes", () => {
  const openEngine = async (): Promise<Engine> => {
    const engine = createEngine({ store: mysqlStore(await mariadbUrl()) });
    onTestFinished(() => engine.close());
    return engine;
  };

  test("the longest idempotency keys and media types fit", async () => {
    const engine = await openEngine();
    const opId = "k".repeat(256);
    const first = await engine.create({ title: "one" }, { opId });
    expect(await engine.create({ title: "one" }, { opId })).toEqual(first);
    const mediaType = `text/${"x".repeat(251)}`;
    const { sha256 } = await engine.putBlob(Buffer.from("hello"), mediaType);
    expect((await engine.getBlob(sha256)).info.mediaType).toBe(mediaType);
  });

  test("what is longer than the server takes is refused for good, and others go on", async () => {
    const engine = await openEngine();
    await engine.create({ id: "t" });
    await engine.create({ id: "u" });
    const refused = {
      code: "limit_exceeded",
      message: expect.stringMatching(/^mysql \S+ does not take values of this size\./u),
      retryAfterMs: undefined,
    };
    const large = new Uint8Array(9 * MIB).fill(7);
    await expect(engine.putBlob(large, "application/octet-stream")).rejects.toMatchObject(refused);
    // A quotation mark takes four bytes: it is escaped in JSON, and both characters are in the statement.
    const quotes = '"'.repeat(7 * MIB);
    const [appended, other] = await Promise.allSettled([
      engine.append("t", { messages: [{ content: quotes }] }),
      engine.append("u", { messages: [{ content: "small" }] }),
    ]);
    expect(appended).toMatchObject({ status: "rejected", reason: refused });
    expect(other).toMatchObject({ status: "fulfilled" });
    await engine.append("t", { messages: [{ content: "a".repeat(7 * MIB) }] });
    expect((await engine.get("t")).version).toBe(3);
  });
});
