import type { SkeinConfig } from "../agents/config.ts";
import { SkeinError } from "../model/error.ts";
import { WEBHOOK_EVENTS } from "../protocol/webhook-events.ts";
import { millisecondsIn } from "../store/duration.ts";
import { suggest } from "./suggest.ts";

type Check = (value: unknown, path: string, file: string) => void;
type Shape = Readonly<Record<string, Check>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function of(what: string, test: (value: unknown) => boolean): Check {
  return (value, path, file) => {
    if (!test(value)) throw wrong(file, `${path} must be ${what}.`, path);
  };
}

const text: Check = of("a text", (value) => typeof value === "string");
const name: Check = of(
  "1 to 128 characters of [A-Za-z0-9._:-]",
  (value) => typeof value === "string" && /^[A-Za-z0-9._:-]{1,128}$/.test(value),
);
const port: Check = of("a whole number from 0 to 65535", (value) => isWhole(value, 0, 65_535));
const count: Check = of("a whole number from 1", (value) =>
  isWhole(value, 1, Number.MAX_SAFE_INTEGER),
);
const amount: Check = of("a number from 0", (value) => typeof value === "number" && value >= 0);
const model: Check = of(
  "a model's name or a model",
  (value) =>
    typeof value === "string" ||
    (isObject(value) &&
      (typeof value["stream"] === "function" || typeof value["doStream"] === "function")),
);
const store: Check = of(
  "a store's address or a store",
  (value) =>
    typeof value === "string" || (isObject(value) && typeof value["commit"] === "function"),
);
const bus: Check = of(
  "a bus's address, none or a bus",
  (value) =>
    typeof value === "string" || (isObject(value) && typeof value["publish"] === "function"),
);

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && Number(value) >= from && Number(value) <= to;
}

function listOf(item: Check): Check {
  return (value, path, file) => {
    if (!Array.isArray(value)) throw wrong(file, `${path} must be a list.`, path);
    value.forEach((element, index) => item(element, `${path}[${index}]`, file));
  };
}

function mapOf(item: Check): Check {
  return (value, path, file) => {
    if (!isObject(value)) throw wrong(file, `${path} must be an object.`, path);
    for (const [key, element] of Object.entries(value)) item(element, `${path}.${key}`, file);
  };
}

function object(shape: Shape, required: readonly string[] = []): Check {
  return (value, path, file) => {
    if (!isObject(value))
      throw wrong(file, `${path || "The configuration"} must be an object.`, path);
    for (const key of required) {
      if (value[key] === undefined)
        throw wrong(file, `${at(path, key)} is missing.`, at(path, key));
    }
    for (const [key, element] of Object.entries(value)) {
      const check = shape[key];
      if (check === undefined) {
        const near = suggest(key, Object.keys(shape));
        const hint = near === undefined ? "" : ` Did you mean ${near}?`;
        throw wrong(file, `${at(path, key)} is not known.${hint}`, at(path, key));
      }
      if (element !== undefined) check(element, at(path, key), file);
    }
  };
}

const aFunction: Check = of("a function", (value) => typeof value === "function");
const choice = (...names: readonly string[]): Check =>
  of(names.map((one) => JSON.stringify(one)).join(" or "), (value) =>
    names.some((one) => one === value),
  );
const orFunction =
  (check: Check): Check =>
  (value, path, file) =>
    typeof value === "function" ? undefined : check(value, path, file);
const orList =
  (check: Check): Check =>
  (value, path, file) =>
    Array.isArray(value) ? listOf(text)(value, path, file) : check(value, path, file);

const hooks: Check = object({ beforeRun: aFunction, beforeTool: aFunction, afterRun: aFunction });

const price: Check = object({ input: amount, output: amount, cachedInput: amount }, [
  "input",
  "output",
]);

const tool: Check = object(
  {
    name: text,
    description: text,
    input: of(
      "a JSON Schema or a standard schema",
      (value) => typeof value === "object" || typeof value === "function",
    ),
    effect: choice("idempotent", "unsafe"),
    executor: choice("server", "client"),
    approval: orFunction(choice("always", "never")),
    agentName: name,
    timeoutMs: count,
    execute: aFunction,
  },
  ["name", "description", "input"],
);

const agent: Check = object(
  {
    name,
    description: text,
    instructions: text,
    model,
    tools: listOf(tool),
    context: object({ lastMessages: count, tokenBudget: count }),
    systemPrompt: of(
      "a text or a function",
      (value) => typeof value === "string" || typeof value === "function",
    ),
    visibleMetadata: listOf(text),
    maxSteps: count,
    handler: aFunction,
    approvals: orList(choice("always", "never")),
    handoffs: listOf(name),
    hooks,
    settings: object({ temperature: amount, maxOutputTokens: count }),
    price,
  },
  ["name"],
);

const webhook: Check = object(
  {
    id: name,
    url: text,
    secret: text,
    description: text,
    events: listOf(choice(...WEBHOOK_EVENTS)),
    ops: listOf(text),
    agents: listOf(name),
    tags: listOf(text),
  },
  ["id", "url"],
);

const duration: Check = of(
  'a time like "30m", or milliseconds above 0',
  (value) =>
    (typeof value === "number" && value > 0) ||
    (typeof value === "string" && millisecondsIn(value) > 0),
);
const policy: Check = object({
  tenant: text,
  agentId: name,
  tag: text,
  kind: name,
  expireAfter: duration,
  archiveAfterIdle: duration,
  deleteAfterArchive: duration,
  purgeAfterDelete: duration,
});
const policies: Check = (value, path, file) =>
  value === "standard" ? undefined : listOf(policy)(value, path, file);

const config: Check = object({
  agents: listOf(agent),
  model,
  prices: mapOf(price),
  store,
  bus,
  hooks,
  runExpiresInMs: count,
  policies,
  webhooks: listOf(webhook),
  workspace: of(
    "a folder or a tracked workspace",
    (value) =>
      typeof value === "string" || (isObject(value) && typeof value["rollback"] === "function"),
  ),
  host: text,
  port,
});

/** Answers with `value` when it is a configuration.
 *  @throws SkeinError  `invalid_request`, naming the file, the field and what it must be */
export function checkConfig(value: unknown, file: string): SkeinConfig {
  config(value, "", file);
  // Every field was checked above.
  return value as SkeinConfig;
}

function at(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function wrong(file: string, sentence: string, field: string): SkeinError {
  return new SkeinError("invalid_request", `${file}: ${sentence}`, { field });
}
