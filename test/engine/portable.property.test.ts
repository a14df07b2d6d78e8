import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine, MessageInput } from "../../src/engine/engine.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";

const KINDS = ["say", "call", "edit", "truncate", "branch", "redact", "trim", "fork"] as const;

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  branch: fc.nat(3),
  message: fc.nat(20),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does what can be done of a step; answers the thread that goes on. */
async function play(engine: Engine, id: string, { kind, ...at }: Step, n: number): Promise<string> {
  const branches = await engine.branches(id);
  const { name = "main" } = branches[at.branch % branches.length] ?? {};
  const { messages } = await engine.messages(id, { branch: name, limit: 200 });
  const chosen = messages[at.message % Math.max(1, messages.length)]?.id ?? "none";
  switch (kind) {
    case "say":
      await engine.append(id, { branch: name, messages: [{ content: `said ${n}` }] });
      return id;
    case "call":
      await engine.append(id, { branch: name, messages: group(`call-${n}`) });
      return id;
    case "edit":
      await engine.edit(id, chosen, { content: `edited ${n}`, branch: name });
      return id;
    case "truncate":
      await engine.truncate(id, chosen, { branch: name });
      return id;
    case "branch":
      await engine.branch(id, { name: `side-${n}`, messageId: chosen });
      return id;
    case "redact":
      await engine.redact(id, chosen);
      return id;
    case "trim":
      await engine.trim(id, { keepLast: 1 + at.message });
      return id;
    case "fork":
      return (await engine.fork(id, { branch: name })).id;
  }
}

function group(callId: string): readonly MessageInput[] {
  const call = { type: "tool-call", callId, name: "f", inputText: "{}" } as const;
  const output = { type: "text", text: "done" } as const;
  const result = { type: "tool-result", callId, name: "f", outcome: "ok", output } as const;
  return [
    { role: "assistant", content: [call] },
    { role: "tool", content: [result] },
    { role: "assistant", content: "So." },
  ];
}

/** What is not possible in a state is left out. */
async function playAll(engine: Engine, steps: readonly Step[]): Promise<string> {
  let { id } = (await engine.create({ messages: [{ role: "system", content: "Be brief." }] }))
    .thread;
  for (const [n, each] of steps.entries())
    try {
      id = await play(engine, id, each, n);
    } catch (error) {
      if (!isSkeinError(error)) throw error;
    }
  return id;
}

test("whatever was done to a thread, its export is the same thread elsewhere, and stays it", async () => {
  let now = Date.UTC(2026, 0, 1);
  const clock = (): number => (now += 1);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const here = createEngine({ store: memoryStore(), clock });
      const there = createEngine({ store: memoryStore(), clock });
      const id = await playAll(here, steps);
      const exported = await here.serialize(id, { mode: "full" });
      const { thread } = await there.resume(JSON.parse(JSON.stringify(exported)));
      const again = await there.serialize(id, { mode: "full" });
      expect(again.messages).toEqual(exported.messages);
      // `main` is as old as its thread.
      const mainOf = { ...exported.branches[0], created_at: exported.thread["created_at"] };
      expect(again.branches).toEqual([mainOf, ...exported.branches.slice(1)]);
      expect((await there.check()).problems).toEqual([]);
      for (const engine of [here, there]) {
        const { version } = await engine.get(id);
        const found = await engine.resume(exported);
        expect([found.isNew, found.thread.version]).toEqual([false, version]);
      }
      for (const { name } of exported.branches as readonly { readonly name: string }[]) {
        const [own, brought] = await Promise.all(
          [here, there].map((engine) => engine.messages(id, { branch: name, limit: 200 })),
        );
        const ids = own?.messages.map(({ id: it }) => it) ?? [];
        const elsewhere = brought?.messages.map(({ id: it }) => it) ?? [];
        // Where one branch kept what another let go of, both have it.
        const isTrimmed = own !== undefined && own.trimmed > 0;
        expect(isTrimmed ? elsewhere.filter((it) => ids.includes(it)) : elsewhere).toEqual(ids);
      }
      expect(thread.messageCount).toBeGreaterThanOrEqual((await here.get(id)).messageCount);
    }),
  );
});
