import type { Cell } from "../sql/cell.ts";
import type { Ask } from "../sql/plan.ts";
import { splitAtParameters } from "../sql/server/question-marks.ts";

export interface Statement {
  readonly text: string;
  readonly values: readonly (string | number | Uint8Array)[];
}

/** A statement as PostgreSQL takes it. Every value says its type, and NULL is part of the text, so that the server
 *  never has to guess one. */
export function statementOf({ sql, parameters, want }: Ask): Statement {
  const { parts, numbers } = splitAtParameters(sql);
  const values: (string | number | Uint8Array)[] = [];
  const places: (string | undefined)[] = [];
  let text = parts[0] ?? "";
  for (const [index, number] of numbers.entries()) {
    const place = (places[number] ??= placeOf(parameters[number] ?? null, values));
    text += place + (parts[index + 1] ?? "");
  }
  return { text: typeof want === "object" ? `${text} RETURNING ${want.column}` : text, values };
}

function placeOf(cell: Cell, values: (string | number | Uint8Array)[]): string {
  if (cell === null) return "NULL";
  if (typeof cell === "string") return `$${values.push(cell)}::text`;
  if (cell instanceof Uint8Array) return `$${values.push(cell)}::bytea`;
  return `$${values.push(typeof cell === "bigint" ? String(cell) : cell)}::bigint`;
}
