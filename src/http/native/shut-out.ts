import { isSkeinError } from "../../model/error.ts";
import type { EventSink } from "../sse.ts";

/** Feeds a reader until they may not see the thread any more, which the stream's last comment says. */
export async function untilShutOut(sink: EventSink, feed: () => Promise<void>): Promise<void> {
  try {
    await feed();
  } catch (error) {
    if (!isSkeinError(error, "thread_not_found")) throw error;
    sink.close("no longer a member");
  }
}
