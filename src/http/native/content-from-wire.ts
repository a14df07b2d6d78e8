import type { Content } from "../../engine/engine.ts";
import type { FileSource, Part } from "../../model/part.ts";
import type { GivenFileSource, GivenPart, WireContent } from "../../protocol/part.ts";
import type { Call } from "./call.ts";

type ReadingCall = Pick<Call<string, unknown, unknown>, "skein" | "reading">;

/** What a caller said, as the engine takes it. Reads the blobs that it names, for their sizes.
 *  @throws SkeinError  `blob_not_found` for a blob that the caller may not read */
export async function contentFromWire(call: ReadingCall, content: WireContent): Promise<Content> {
  if (typeof content === "string") return content;
  const parts: Part[] = [];
  // One after the other: of many large blobs only one is in memory.
  for (const part of content) parts.push(await partFromWire(call, part));
  return parts;
}

async function partFromWire(call: ReadingCall, part: GivenPart): Promise<Part> {
  if (part.type !== "file") return plainPart(part);
  const { filename, media_type: mediaType } = part;
  return {
    ...baseOf(part),
    type: "file",
    mediaType,
    ...(filename !== undefined && { filename }),
    source: await sourceFromWire(call, part.source),
  };
}

async function sourceFromWire(
  { skein, reading }: ReadingCall,
  source: GivenFileSource,
): Promise<FileSource> {
  if (source.kind !== "blob") return source;
  const { sha256 } = source;
  const { info } = await skein.getBlob(sha256, reading);
  return { kind: "blob", sha256, sizeBytes: info.sizeBytes };
}

type Base = Pick<Part, "id" | "providerMetadata" | "native">;

function baseOf({ id, provider_metadata: providerMetadata, native }: GivenPart): Base {
  return {
    ...(id !== undefined && { id }),
    ...(providerMetadata !== undefined && { providerMetadata }),
    ...(native !== undefined && { native }),
  };
}

function plainPart(part: Exclude<GivenPart, { readonly type: "file" }>): Part {
  const base = baseOf(part);
  switch (part.type) {
    case "text": {
      const { citations } = part;
      return {
        ...base,
        type: "text",
        text: part.text,
        ...(citations !== undefined && { citations }),
      };
    }
    case "reasoning": {
      const { is_summary: isSummary, opaque } = part;
      return {
        ...base,
        type: "reasoning",
        text: part.text,
        ...(isSummary !== undefined && { isSummary }),
        ...(opaque !== undefined && { opaque }),
      };
    }
    case "tool_call": {
      const { input, executor } = part;
      return {
        ...base,
        type: "tool-call",
        callId: part.call_id,
        name: part.name,
        inputText: part.input_text,
        ...(input !== undefined && { input }),
        ...(executor !== undefined && { executor }),
      };
    }
    case "tool_result":
      return {
        ...base,
        type: "tool-result",
        callId: part.call_id,
        name: part.name,
        outcome: part.outcome,
        output: part.output,
      };
    case "source": {
      const { type, kind, url, title, media_type: mediaType, text } = part;
      return {
        ...base,
        type,
        kind,
        ...(url !== undefined && { url }),
        ...(title !== undefined && { title }),
        ...(mediaType !== undefined && { mediaType }),
        ...(text !== undefined && { text }),
      };
    }
    case "error": {
      const { is_retryable: isRetryable } = part;
      return {
        ...base,
        type: "error",
        code: part.code,
        message: part.message,
        ...(isRetryable !== undefined && { isRetryable }),
      };
    }
    case "marker": {
      const { payload } = part;
      return {
        ...base,
        type: "marker",
        kind: part.kind === "step_start" ? "step-start" : part.kind,
        ...(payload !== undefined && { payload }),
      };
    }
    case "data": {
      const { data } = part;
      return { ...base, type: "data", name: part.name, ...(data !== undefined && { data }) };
    }
    case "refusal":
      return { ...base, type: "refusal", text: part.text };
    case "opaque":
      return { ...base, type: "opaque", format: part.format, value: part.value };
  }
}
