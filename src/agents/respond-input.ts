import type { MessageInput, RunInput, WriteOptions } from "../engine/engine.ts";
import { SkeinError } from "../model/error.ts";
import type { Part } from "../model/part.ts";
import type { RespondInput } from "./skein.ts";

/** The messages of an input: a text and a list of parts are one message of the user. */
export function messagesOf(input: RespondInput["input"]): readonly MessageInput[] {
  if (typeof input === "string") return [{ content: input }];
  if (!Array.isArray(input) || input.length === 0)
    throw new SkeinError("invalid_request", "input must be a text, parts or messages.", {
      field: "input",
    });
  return isParts(input) ? [{ content: input }] : input;
}

export function runOf(input: RespondInput): RunInput {
  const { agentId, strategy, model, instructions, metadata } = input;
  return {
    ...(agentId !== undefined && { agentId }),
    ...(strategy !== undefined && { strategy }),
    ...(model !== undefined && { model }),
    ...(instructions !== undefined && { instructions }),
    ...(metadata !== undefined && { metadata }),
  };
}

export function writeOptionsOf(input: RespondInput): WriteOptions {
  const { userId, expectedVersion, expectedHead, opId } = input;
  return {
    ...(userId !== undefined && { userId }),
    ...(expectedVersion !== undefined && { expectedVersion }),
    ...(expectedHead !== undefined && { expectedHead }),
    ...(opId !== undefined && { opId }),
  };
}

function isParts(input: readonly (Part | MessageInput)[]): input is readonly Part[] {
  return input.every((item) => "type" in item);
}
