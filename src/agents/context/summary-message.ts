import type { Compaction } from "../../model/compaction.ts";
import type { MessageBody } from "../../model/message.ts";
import { text } from "../../model/part.ts";

/** A summary as a model is shown it: as something that was said, and not as an instruction, because it repeats what users
 *  wrote. */
export function summaryMessage({ messageId, messages, text: said }: Compaction): MessageBody {
  const heading = `[Summary of the ${messages} messages before this, made by a model]`;
  return {
    id: `${messageId}:summary`,
    role: "user",
    status: "completed",
    parts: [text(`${heading}\n${said}`)],
  };
}
