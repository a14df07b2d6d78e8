import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createEngine, isSkeinError } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";
import { isRetryable } from "../../src/engine/retry.ts";
import { textOf } from "../../src/model/part.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { ownServer } from "../support/servers/servers.ts";
import { SERVER_STORES } from "./server-stores.ts";
import type { ServerStoreKind } from "./server-stores.ts";

const THREADS = 8;
const APPENDS = 125;
const DOWN_MS = 3_000;

interface Told {
  readonly acknowledged: string[];
  /** Failed, in a way that leaves open whether it took effect. */
  readonly unknown: string[];
}

/** What a careful client does: repeats under its key what may go away by itself. Any other failure fails the test. */
async function appendUntilTold(engine: Engine, id: string, text: string): Promise<void> {
  for (;;)
    try {
      await engine.append(id, { messages: [{ content: text }] }, { opId: `${id} ${text}` });
      return;
    } catch (error) {
      proveRetryable(error);
      await sleep(20);
    }
}

/** What a client without a key may do: note what it was told. */
async function appendOnce(engine: Engine, id: string, text: string, told: Told): Promise<void> {
  try {
    await engine.append(id, { messages: [{ content: text }] });
    told.acknowledged.push(text);
  } catch (error) {
    proveRetryable(error);
    told.unknown.push(text);
    await sleep(100);
  }
}

function proveRetryable(error: unknown): void {
  if (isSkeinError(error) && isRetryable(error) && (error.retryAfterMs ?? 0) > 0) return;
  throw error;
}

async function textsOf(engine: Engine, id: string): Promise<readonly string[]> {
  const texts: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await engine.messages(id, { limit: 200, ...(after !== undefined && { after }) });
    texts.push(...page.messages.map(({ parts }) => textOf(parts)));
    if (!page.hasNewer) return texts;
    after = page.messages.at(-1)?.id;
  }
}

async function testDown({ server: kind, open }: ServerStoreKind): Promise<void> {
  await using server = await ownServer(kind);
  const engine = createEngine({ store: open(await server.createDatabase()) });
  onTestFinished(() => engine.close());
  const names = Array.from({ length: THREADS }, (_, index) => `t${index}`);
  const texts = Array.from({ length: APPENDS }, (_, index) => `message ${index}`);
  await Promise.all(names.map((id) => engine.create({ id })));
  const told = new Map<string, Told>();
  let appended = 0;
  const writing = names.map(async (id, index) => {
    const notes: Told = { acknowledged: [], unknown: [] };
    told.set(id, notes);
    for (const text of texts) {
      if (index % 2 === 0) await appendUntilTold(engine, id, text);
      else await appendOnce(engine, id, text, notes);
      appended += 1;
    }
  });
  while (appended < (THREADS * APPENDS) / 4) await sleep(1);
  await server.kill();
  const reading = engine.messages("t0").catch(proveRetryable);
  await sleep(DOWN_MS);
  await server.start();
  await Promise.all([...writing, reading]);

  for (const [index, id] of names.entries()) {
    const stored = await textsOf(engine, id);
    expect(new Set(stored).size).toBe(stored.length);
    const { acknowledged = [], unknown = [] } = told.get(id) ?? {};
    if (index % 2 === 0) expect(stored).toEqual(texts);
    else expect(stored.filter((text) => !unknown.includes(text))).toEqual(acknowledged);
    const log = await engine.log(id, { limit: 1_000 });
    expect(log.map(({ version }) => version)).toEqual(log.map((_, at) => at + 1));
  }
  expect((await engine.check()).problems).toEqual([]);
}

for (const kind of SERVER_STORES)
  await describeServer(
    kind.server,
    `an engine on ${kind.title} that is killed during 1,000 appends and is down for 3 seconds`,
    () => {
      test(
        "loses nothing acknowledged, writes nothing twice, and goes on",
        { timeout: 120_000 },
        () => testDown(kind),
      );
    },
    { own: true },
  );
