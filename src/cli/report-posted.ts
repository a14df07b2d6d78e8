import { postedToWire } from "../http/native/webhook-to-wire.ts";
import type { Posted } from "../webhooks/webhook.ts";
import { EXIT } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Output } from "./output.ts";

/** Says whether an endpoint has taken what it was sent; exit code 6 when it has not. */
export function reportPosted(output: Output, posted: Posted): ExitCode {
  const { isOk, status, message, durationMs } = posted;
  if (output.isJson) output.json(postedToWire(posted));
  else if (isOk) output.line(`Taken with ${status} after ${durationMs} ms`);
  else output.note(message ?? "Not taken.");
  return isOk ? EXIT.ok : EXIT.unavailable;
}
