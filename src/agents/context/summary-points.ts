import { isJsonObject } from "../../model/json.ts";
import type { Json, JsonObject } from "../../model/json.ts";

/** What a conversation came to, in parts. */
export interface SummaryPoints {
  readonly topics: readonly string[];
  readonly decisions: readonly string[];
  readonly actionItems: readonly string[];
  readonly outcomes: readonly string[];
}

export const NO_POINTS: SummaryPoints = {
  topics: [],
  decisions: [],
  actionItems: [],
  outcomes: [],
};

// Together less than what a compaction may carry, also where every character takes three bytes.
const POINTS = 20;
const POINT_CHARACTERS = 120;

/** What a model answered, or `undefined` when it is not the JSON that was asked for. Text around it does not matter. */
export function readSummary(
  answer: string,
): { readonly text: string; readonly points: SummaryPoints } | undefined {
  const parsed = objectIn(answer);
  if (parsed === undefined) return undefined;
  const { summary } = parsed;
  if (typeof summary !== "string" || summary.trim() === "") return undefined;
  return { text: summary.trim(), points: pointsIn(parsed) };
}

/** The points as they stand in the log, and in the prompt for the next part. */
export function pointsToData({
  topics,
  decisions,
  actionItems,
  outcomes,
}: SummaryPoints): JsonObject {
  return {
    topics: [...topics],
    decisions: [...decisions],
    action_items: [...actionItems],
    outcomes: [...outcomes],
  };
}

export function pointsIn(data: JsonObject): SummaryPoints {
  return {
    topics: listIn(data["topics"]),
    decisions: listIn(data["decisions"]),
    actionItems: listIn(data["action_items"]),
    outcomes: listIn(data["outcomes"]),
  };
}

function objectIn(answer: string): JsonObject | undefined {
  const start = answer.indexOf("{");
  const end = answer.lastIndexOf("}");
  if (start < 0 || end < start) return undefined;
  try {
    const parsed: Json = JSON.parse(answer.slice(start, end + 1));
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function listIn(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  const words = value.map((each) =>
    (typeof each === "string" ? each : JSON.stringify(each)).trim(),
  );
  return words
    .filter((each) => each !== "")
    .slice(0, POINTS)
    .map((each) => each.slice(0, POINT_CHARACTERS).toWellFormed().replaceAll("\0", " "));
}
