import type { Packed } from "./unpack.ts";
import { SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";

export function readAgentFramework(_given: JsonObject, _threadId?: string): Packed {
  throw new SkeinError("invalid_request", "stub");
}
