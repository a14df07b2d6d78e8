import { hash } from "node:crypto";
import { canonicalJson } from "../model/json.ts";
import type { Json } from "../model/json.ts";

/** SHA-256 in hex of a value's canonical JSON. `undefined` members do not count. */
export function digestOf(value: unknown): string {
  const plain: Json = JSON.parse(JSON.stringify(value) ?? "null");
  return hash("sha256", canonicalJson(plain));
}
