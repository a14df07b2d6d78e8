import { expect, test } from "vitest";
import { createSkein, textOf, tool } from "../../src/index.ts";
import { isRetryable } from "../../src/engine/retry.ts";
import { scriptedModel } from "../../src/testing/index.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { layCable } from "../support/cable.ts";
import { repeated } from "./repeated.ts";
import { SERVER_STORES } from "./server-stores.ts";
import type { ServerStoreKind } from "./server-stores.ts";

// Longer than a store waits to find out by itself what became of a commit.
const DOWN_MS = 2_500;

// Two answers with a tool call, the results, the last answer: more than there are is lost nowhere.
const COMMITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const model = scriptedModel(({ messages }) => {
  const results = messages.filter(({ role }) => role === "tool").length;
  if (results > 1) return ["All ", "is ", "done."];
  return ["Let me see. ", { toolCall: { name: "unsafe", input: { n: results } } }];
});

interface Outcome {
  readonly status: string;
  readonly error: unknown;
  readonly said: readonly string[];
  readonly executed: readonly string[];
  readonly problems: readonly unknown[];
}

/** A turn whose `number`th commit is carried out and not answered, and no connection is to be had for a while. */
async function turnWithout(number: number, kind: ServerStoreKind): Promise<Outcome> {
  await using cable = await layCable(await kind.freshUrl());
  const executed: string[] = [];
  const faults: unknown[] = [];
  await using skein = createSkein({
    store: kind.open(cable.url),
    env: {},
    onError: (error) => void faults.push(error),
    agents: [
      {
        name: "assistant",
        model,
        tools: [
          tool({
            name: "unsafe",
            description: "Must not run twice.",
            input: {},
            execute: (_input, { idempotencyKey }) => executed.push(idempotencyKey),
          }),
        ],
      },
    ],
  });
  await skein.create({ id: "t" });
  cable.breakFor(DOWN_MS);
  cable.loseAnswersTo(kind.commit, (seen) => seen === number);
  const asked = { messages: [{ content: "go" }], run: {} };
  const { run } = await repeated(() => skein.append("t", asked, { opId: "one" }));
  const ended = await repeated(() => skein.waitForRun("t", run?.id ?? ""));
  const { messages } = await skein.messages("t");
  const { problems } = await skein.check();
  expect(faults.filter((fault) => !isRetryable(fault))).toEqual([]);
  const said = messages.map(({ role, parts }) => `${role}: ${textOf(parts)}`);
  return { status: ended.status, error: ended.error, said, executed, problems };
}

for (const kind of SERVER_STORES)
  await describeServer(kind.server, `a run on ${kind.title}`, () => {
    test.concurrent.for(COMMITS)(
      "ends as it should when the answer to commit %i is lost and the database away for a while",
      { timeout: 120_000 },
      async (number, { expect: expectHere }) => {
        const { executed, ...outcome } = await turnWithout(number, kind);
        expectHere(outcome).toEqual({
          status: "completed",
          error: undefined,
          said: [
            "user: go",
            "assistant: Let me see. ",
            "tool: ",
            "assistant: Let me see. ",
            "tool: ",
            "assistant: All is done.",
          ],
          problems: [],
        });
        expectHere(new Set(executed).size).toBe(executed.length);
      },
    );
  });
