import type { JsonObject } from "../../model/json.ts";
import type { Conversation } from "../conversation.ts";

/** Makes conversations of a file that has one record per line. */
export interface LineReader {
  add(line: JsonObject): void;
  end(): readonly Conversation[];
}
