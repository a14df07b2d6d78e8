import type { Content } from "../../engine/engine.ts";
import type { FileSource, Part } from "../../model/part.ts";
import type { WireContent, WireFileSource, WirePart } from "../../protocol/part.ts";

/** What a caller said, as the engine takes it. */
export function contentFromWire(content: WireContent): Content {
  return typeof content === "string" ? content : content.map(partFromWire);
}

function partFromWire(part: WirePart): Part {
  const { id, provider_metadata: providerMetadata, native } = part;
  const base = {
    ...(id !== undefined && { id }),
    ...(providerMetadata !== undefined && { providerMetadata }),
    ...(native !== undefined && { native }),
  };
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
    case "file": {
      const { filename } = part;
      return {
        ...base,
        type: "file",
        mediaType: part.media_type,
        ...(filename !== undefined && { filename }),
        source: sourceFromWire(part.source),
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

function sourceFromWire(source: WireFileSource): FileSource {
  return source.kind === "blob"
    ? { kind: "blob", sha256: source.sha256, sizeBytes: source.size_bytes }
    : source;
}
