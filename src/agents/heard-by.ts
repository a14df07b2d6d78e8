import type { MessageBody } from "../model/message.ts";

/** What an agent is given that is to answer another agent: models take what stands under their own role for their own words, and
 *  want to be spoken to last. So where another agent spoke last, what other agents said is said to this one, under their names.
 *  What they did with tools is theirs. */
export function heardBy(
  agentName: string,
  messages: readonly MessageBody[],
): readonly MessageBody[] {
  const last = messages.at(-1);
  if (last === undefined || !isOfAnother(agentName, last)) return messages;
  return messages.map((message) => {
    if (!isOfAnother(agentName, message)) return message;
    return {
      ...message,
      role: "user" as const,
      parts: message.parts.filter(
        ({ type }) => type === "text" || type === "refusal" || type === "file",
      ),
    };
  });
}

function isOfAnother(agentName: string, { role, author }: MessageBody): boolean {
  return role === "assistant" && author?.kind === "agent" && author.id !== agentName;
}
