import type { PathEnd } from "../../model/message.ts";
import type { LastMessage } from "../../model/thread.ts";
import { preview } from "../../model/title.ts";
import type { Facts, GivenId, MessageFact, Need } from "../facts.ts";
import type { Operation, ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { decodeMessage } from "./decode-message.ts";
import { operationName } from "./earlier-arguments.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

type MessageNeed = Extract<Need, { kind: "message" }>;

/** All that was named, at one moment. */
export async function loadFacts(
  backend: Backend,
  key: ThreadKey,
  needs: readonly Need[],
): Promise<Facts> {
  const messages = needs.filter((need) => need.kind === "message");
  const ids = needs.flatMap((need) => (need.kind === "given" ? need.ids : []));
  const operation = needs.findLast((need) => need.kind === "operation");
  const [found, given, done] = listOf(
    await runFor(
      backend,
      key.tenant,
      SCRIPTS.facts,
      nameOf(key.id),
      String(messages.length),
      ...messages.flatMap(needArguments),
      String(ids.length),
      ...ids.map(nameOf),
      operation === undefined ? "" : operationName(operation.user, operation.opId),
    ),
  );
  // An id may be `__proto__`, which fromEntries takes as a key like any other.
  return {
    messages: Object.fromEntries(
      listOf(found).map((reply, index) => [
        messages[index]?.id ?? "",
        factOf(reply, messages[index]),
      ]),
    ),
    given: Object.fromEntries(
      listOf(given).map((reply, index) => [ids[index] ?? "", givenOf(key.tenant, reply)]),
    ),
    operation: operationOf(key.tenant, done ?? null),
  };
}

function needArguments({ id, on, holders, floors = [] }: MessageNeed): readonly string[] {
  return [
    nameOf(id),
    holders === true ? "1" : "0",
    on === undefined ? "0" : "1",
    ...(on === undefined ? [] : endArguments(on)),
    String(floors.length),
    ...floors.flatMap((floor) => [...endArguments(floor), String(floor.depth)]),
  ];
}

function endArguments({ segment, position }: PathEnd): readonly string[] {
  return [nameOf(segment.threadId), String(segment.number), String(position)];
}

function factOf(reply: Reply, need: MessageNeed | undefined): MessageFact | null {
  if (reply === null) return null;
  const [raw, rawParent, parentPlace, onPath, last, parentLast, holders, deepest] = listOf(reply);
  const floor = need?.floors?.[numberOf(deepest) - 1];
  const { message, place } = decodeMessage(raw ?? null);
  const { id, role, status } = message;
  return {
    id,
    role,
    status,
    isRedacted: message.redacted === true,
    place: place && factPlace(place),
    ...(floor && { floor }),
    parent: parentOf(rawParent ?? null, parentPlace ?? null, parentLast ?? null),
    isOnPath: numberOf(onPath) === 1,
    lastMessage: lastOf(last ?? null),
    ...(holders !== null &&
      holders !== undefined && { holders: listOf(holders).map((holder) => idOf(textOf(holder))) }),
  };
}

function factPlace({
  branch: _branch,
  continues: _continues,
  ...place
}: NonNullable<ReturnType<typeof decodeMessage>["place"]>): MessageFact["place"] {
  return place;
}

function parentOf(raw: Reply, at: Reply, last: Reply): MessageFact["parent"] {
  if (raw === null) return null;
  const [, number, position, threadId = ""] = /^(\d+) (\d+) (.*)$/u.exec(textOf(at)) ?? [];
  return {
    segment: { threadId: idOf(threadId), number: Number(number) },
    position: Number(position),
    turnId: decodeMessage(raw).message.turnId,
    lastMessage: lastOf(last),
  };
}

function lastOf(raw: Reply): LastMessage | null {
  if (raw === null) return null;
  const { id, role, parts, createdAt } = decodeMessage(raw).message;
  const text = preview(parts);
  return text === null ? null : { id, role, text, at: createdAt };
}

function givenOf(tenant: string, reply: Reply): GivenId | null {
  const [, version, id] = reply === null ? [] : (/^[gm](\d+) (.*)$/u.exec(textOf(reply)) ?? []);
  return id === undefined ? null : { key: { tenant, id: idOf(id) }, version: Number(version) };
}

function operationOf(tenant: string, reply: Reply): Facts["operation"] {
  if (reply === null) return null;
  const [id, json] = listOf(reply);
  return { ...parse<Operation>(textOf(json)), key: { tenant, id: idOf(textOf(id)) } };
}
