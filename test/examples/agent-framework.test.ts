import { afterAll, beforeAll, expect, test } from "vitest";
import { main as redisStore } from "../../examples/agent-framework/redis-store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { redisUrl } from "../support/servers/servers.ts";

beforeAll(() => {
  process.env["SKEIN_DEMO_DELAY_MS"] = "0";
});
afterAll(() => {
  delete process.env["SKEIN_DEMO_DELAY_MS"];
});

await describeServer("redis", "the Redis program of the Agent Framework's examples", () => {
  test("does all its five parts", async () => {
    const lines: string[] = [];
    const url = await redisUrl();
    await redisStore((line) => lines.push(line), url);
    const part = (name: string): readonly string[] =>
      lines.filter((line) => line.startsWith(`${name}: `)).map((it) => it.slice(name.length + 2));

    expect(part("basic use")[0]).toContain("Alice");
    expect(part("basic use")[1]).toBe("4 messages");

    const [alice, bob] = part("user sessions");
    expect(alice).toMatch(/^session-alice: .*blue/u);
    expect(bob).toMatch(/^session-bob: .*red/u);

    expect(part("persistence")[0]).toContain("Carol");

    const [state, store, name] = part("serialization");
    expect(JSON.parse(state ?? "")).toMatchObject({ threadId: "handed-on", userId: "dave" });
    expect(store).toContain("redis 127.0.0.1:");
    expect(name).toContain("Dave");
    const { password } = new URL(url);
    expect(password).not.toBe("");
    expect(lines.join("\n")).not.toContain(password);

    const [kept, left] = part("trimming");
    expect(kept).toBe("the thread keeps 9 messages");
    expect(left).toBe("now it has system, user, assistant, user, assistant");
  });
});
