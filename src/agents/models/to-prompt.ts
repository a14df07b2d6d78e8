import type { AssistantContent, ModelMessage, UserContent } from "ai";
import { SkeinError } from "../../model/error.ts";
import type { MessageBody } from "../../model/message.ts";
import { type ToolCallPart, type ToolResultPart, textOf } from "../../model/part.ts";
import type { ModelRequest } from "./model.ts";
import { describeFile, type FileSupport, toPromptFile } from "./prompt-file.ts";
import { options, resultsByCall, toPromptCall, toPromptResult } from "./prompt-tool.ts";
import { SPEAKER_NOTE, speakerLabel, withoutLabels } from "./speaker.ts";

export interface Prompt {
  readonly instructions: string | undefined;
  readonly messages: ModelMessage[];
}

type Content<T> = Exclude<T, string>;

/** Maps our messages to the AI SDK's. Every provider accepts the outcome: system text comes first and once,
 *  every tool call is followed at once by exactly one result, and no message is empty.
 *  @throws SkeinError  `unsupported_part` for a file in the last user message that the model cannot take;
 *    `invalid_request` when nothing is left to answer. */
export async function toPrompt(request: ModelRequest, support: FileSupport): Promise<Prompt> {
  const results = resultsByCall(request.messages);
  const newest = request.messages.findLast(({ role }) => role === "user");
  const system: string[] = request.system === undefined ? [] : [request.system];
  if (request.speakerLabels) system.push(SPEAKER_NOTE);
  const messages: ModelMessage[] = [];
  for (const message of request.messages) {
    switch (message.role) {
      case "system":
      case "developer":
        system.push(textOf(message.parts));
        break;
      case "user": {
        const content = await userContent(message, request, support, message === newest);
        if (content.length > 0) messages.push({ role: "user", content });
        break;
      }
      case "assistant":
        messages.push(...assistantMessages(message, results));
        break;
      // Results were placed behind their calls; one whose call is not here would be refused.
      case "tool":
        break;
      default:
        message.role satisfies never;
    }
  }
  if (messages.length === 0)
    throw new SkeinError("invalid_request", "The model has no message to answer.", {
      field: "input",
    });
  const instructions = system.filter((text) => text.trim() !== "").join("\n\n");
  return { instructions: instructions === "" ? undefined : instructions, messages };
}

async function userContent(
  { parts, author }: MessageBody,
  { speakerLabels }: ModelRequest,
  support: FileSupport,
  isNewest: boolean,
): Promise<Content<UserContent>> {
  const content: Content<UserContent> = [];
  for (const part of parts) {
    if (part.type === "file") content.push(await toPromptFile(part, support, isNewest));
    else if ((part.type === "text" || part.type === "refusal") && part.text !== "")
      content.push({ type: "text", text: part.text });
  }
  if (!speakerLabels || author === undefined || content.length === 0) return content;
  const typed = content.map((part) =>
    part.type === "text" ? { ...part, text: withoutLabels(part.text) } : part,
  );
  const [first, ...others] = typed;
  const label = speakerLabel(author);
  // In one part with the text, because some providers show parts without a line break between them.
  return first?.type === "text"
    ? [{ ...first, text: `${label}\n${first.text}` }, ...others]
    : [{ type: "text", text: label }, ...typed];
}

function assistantMessages(
  { parts }: MessageBody,
  results: ReadonlyMap<string, ToolResultPart>,
): readonly ModelMessage[] {
  const content: Content<AssistantContent> = [];
  const calls: ToolCallPart[] = [];
  for (const part of parts) {
    const providerOptions = part.providerMetadata && {
      providerOptions: options(part.providerMetadata),
    };
    if (part.type === "text" || part.type === "refusal") {
      if (part.text !== "") content.push({ type: "text", text: part.text, ...providerOptions });
    } else if (part.type === "reasoning") {
      content.push({ type: "reasoning", text: part.text, ...providerOptions });
    } else if (part.type === "file") {
      content.push({ type: "text", text: `[${describeFile(part)}]` });
    } else if (part.type === "tool-call") {
      content.push(toPromptCall(part));
      if (part.executor === "provider")
        content.push(toPromptResult(part, results.get(part.callId)));
      else calls.push(part);
    }
  }
  // Reasoning without an answer is what an interrupted step leaves; alone it is refused.
  if (content.every(({ type }) => type === "reasoning")) return [];
  const messages: ModelMessage[] = [{ role: "assistant", content }];
  if (calls.length > 0)
    messages.push({
      role: "tool",
      content: calls.map((call) => toPromptResult(call, results.get(call.callId))),
    });
  return messages;
}
