import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DECISIONS } from "../../src/model/action.ts";
import { isEnded, RUN_TRANSITIONS } from "../../src/model/run-transitions.ts";
import type { RunEvent } from "../../src/model/run-transitions.ts";
import type { RunStatus } from "../../src/model/run.ts";

const place = new URL("../../docs/runs.md", import.meta.url);
const states = Object.keys(RUN_TRANSITIONS) as RunStatus[];
const events = Object.keys(RUN_TRANSITIONS.queued) as RunEvent[];

function diagram(): string {
  const arrows = states.flatMap((from) => {
    const byTarget = new Map<string, string[]>();
    for (const event of events) {
      const to = RUN_TRANSITIONS[from][event];
      if (to === "ignore" || to === "refuse" || to === from) continue;
      byTarget.set(to, [...(byTarget.get(to) ?? []), event]);
    }
    return [...byTarget].map(([to, by]) => `  ${from} --> ${to}: ${by.join(", ")}`);
  });
  const ends = states.filter(isEnded).map((state) => `  ${state} --> [*]`);
  return ["```mermaid", "stateDiagram-v2", "  [*] --> queued", ...arrows, ...ends, "```"].join(
    "\n",
  );
}

function transitions(): string {
  const living = states.filter((state) => !isEnded(state));
  const cell = (state: RunStatus, event: RunEvent): string => {
    const to = RUN_TRANSITIONS[state][event];
    return to === "refuse" ? "–" : to === "ignore" ? "as it is" : `\`${to}\``;
  };
  return [
    `| | ${living.map((state) => `\`${state}\``).join(" | ")} |`,
    `| --- |${living.map(() => " --- |").join("")}`,
    ...events.map(
      (event) => `| \`${event}\` | ${living.map((state) => cell(state, event)).join(" | ")} |`,
    ),
  ].join("\n");
}

function kinds(): string {
  return [
    "| Kind | Somebody may say |",
    "| --- | --- |",
    ...Object.entries(DECISIONS).map(
      ([kind, said]) => `| \`${kind}\` | ${said.map((type) => `\`${type}\``).join(", ") || "–"} |`,
    ),
  ].join("\n");
}

function withParts(page: string): string {
  const parts = { diagram: diagram(), transitions: transitions(), kinds: kinds() };
  return Object.entries(parts).reduce(
    (text, [name, made]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\\n)[^]*?(\\n<!-- /${name} -->)`),
        (_all, begin: string, end: string) => `${begin}\n${made}\n${end}`,
      ),
    page,
  );
}

test("docs/runs.md has the states, their diagram and the decisions as the code has them", () => {
  const page = readFileSync(place, "utf8");
  const made = withParts(page);
  // `SKEIN_WRITE_DOCS=1 npx vitest run test/docs` brings the page to what the code says.
  if (process.env["SKEIN_WRITE_DOCS"] === "1") writeFileSync(place, made);
  expect(made).toContain("stateDiagram-v2");
  expect(readFileSync(place, "utf8")).toBe(made);
});
