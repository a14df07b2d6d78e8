import type { Cell } from "../sql/cell.ts";

/** Numbers or texts as PostgreSQL reads an array of one dimension. The driver's own way quotes numbers too, and takes
 *  longer. */
export function arrayLiteral(cells: readonly (Cell | undefined)[]): string {
  let text = "{";
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? null;
    if (at > 0) text += ",";
    if (cell === null) text += "NULL";
    else if (typeof cell === "string") text += quoted(cell);
    else if (typeof cell === "number" || typeof cell === "bigint") text += String(cell);
    else throw new TypeError("An array of PostgreSQL is made of numbers and texts.");
  }
  return `${text}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
