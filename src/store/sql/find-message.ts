import type { Message } from "../../model/message.ts";
import type { ThreadKey } from "../key.ts";
import { textAt } from "./cell.ts";
import { listOf } from "./list-of.ts";
import type { Fragment } from "./list-of.ts";
import { FOUND_COLUMNS, MESSAGE_ID, messageOfRow, messageRowOf } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** The row that has the message's place, or that queued it. Finds messages of the thread and, in a fork, those that it
 *  includes. A queued message that was discarded is not found. One statement. */
export function* findMessage(tid: number, id: string): Plan<MessageRow | undefined> {
  const found = yield* findMessages({ sql: "k.tid = ?", parameters: [tid] }, [id]);
  return found.get(id);
}

/** Several messages by id; those that are not found are absent. One statement.
 *  @param asker  says which thread `k` asks */
export function* findMessages(
  asker: Fragment,
  ids: readonly string[],
): Plan<ReadonlyMap<string, MessageRow>> {
  const found = new Map<string, MessageRow>();
  if (ids.length === 0) return found;
  const list = listOf(ids);
  const parameters = [...asker.parameters, ...list.parameters];
  const answer = yield* rows(statementOf(asker.sql, list.sql), ...parameters, ...parameters);
  const candidates = Map.groupBy(answer.map(messageRowOf), ({ row }) => textAt(row, MESSAGE_ID));
  for (const [id, of] of candidates) {
    // Ids that the engine made come first; they are unique, but another tenant may choose the same one.
    const message = [false, true]
      .map((isGiven) => readable(of.filter((row) => row.isGiven === isGiven)))
      .find((row) => row !== undefined);
    if (message !== undefined) found.set(id, message);
  }
  return found;
}

/** Messages in the order of their ids; `null` for those that the thread does not have. */
export function* loadMessages(
  { tenant, id }: ThreadKey,
  ids: readonly string[],
): Plan<readonly (Message | null)[]> {
  const asker = {
    sql: "k.tenant = ? AND k.id = ? AND k.purged_at IS NULL",
    parameters: [tenant, id],
  };
  const found = yield* findMessages(asker, ids);
  return ids.map((messageId) => {
    const message = found.get(messageId);
    if (message === undefined) return null;
    const { row, threadId, parentId, depth } = message;
    return messageOfRow(row, threadId, parentId, depth);
  });
}

function readable(found: readonly MessageRow[]): MessageRow | undefined {
  const own = found.filter(({ holding }) => holding === "own");
  const seen = own.length > 0 ? own : found.filter(({ holding }) => holding === "included");
  const message = seen.find(({ pos }) => pos !== null) ?? seen[0];
  return message?.isDequeued === true ? undefined : message;
}

function statementOf(asker: string, list: string): string {
  const home = `CROSS JOIN skein_thread home
    LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body`;
  return `SELECT ${FOUND_COLUMNS} FROM skein_thread k CROSS JOIN skein_entry e ${home}
    WHERE ${asker} AND e.mid IN ${list} AND e.role IS NOT NULL AND e.given IS NULL
      AND home.tid = e.tid
    UNION ALL
    SELECT ${FOUND_COLUMNS} FROM skein_thread k CROSS JOIN skein_given_id g CROSS JOIN skein_entry e ${home}
    WHERE ${asker} AND g.tenant = k.tenant AND g.id IN ${list}
      AND e.tid = g.tid AND e.version = g.place AND home.tid = e.tid`;
}
