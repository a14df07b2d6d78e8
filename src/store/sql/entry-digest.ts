import { hash } from "node:crypto";
import type { Cell } from "./cell.ts";

/** Of the payload, which is the last column of a row. Made where rows are written, because bytes are the dearest thing
 *  to send to a thread. */
export function digestOf(payload: Cell | undefined): Uint8Array | null {
  if (typeof payload !== "string") return null;
  // Asking for a string and making the bytes from it takes two thirds of the time.
  return Buffer.from(hash("sha256", payload, "latin1"), "latin1");
}
