import type { Clock } from "../engine/clock.ts";
import { systemClock } from "../engine/clock.ts";
import { isJsonObject } from "../model/json.ts";
import type { Tool } from "./agent.ts";
import { tool } from "./agent.ts";

const PARTS = ["weekday", "year", "month", "day", "hour", "minute", "second"] as const;

/** The built-in tool `clock`: the date and time, in UTC or in a time zone that the model names. */
export function clockTool(clock: Clock = systemClock): Tool {
  return tool({
    name: "clock",
    description: "Tells the current date and time.",
    input: {
      type: "object",
      properties: {
        timeZone: {
          type: "string",
          description: "An IANA time zone such as Europe/Berlin. Default UTC.",
        },
      },
      additionalProperties: false,
    },
    effect: "idempotent",
    execute(input) {
      const asked = isJsonObject(input) ? input["timeZone"] : undefined;
      const timeZone = typeof asked === "string" && asked !== "" ? asked : "UTC";
      return `${timeIn(timeZone, clock())} ${timeZone}`;
    },
  });
}

function timeIn(timeZone: string, at: number): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "long",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const found = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const [weekday, year, month, day, hour, minute, second] = PARTS.map((part) => found.get(part));
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute}:${second}`;
}
