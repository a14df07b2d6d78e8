import type {
  FinishReason as SdkFinish,
  jsonSchema as JsonSchema,
  LanguageModel,
  LanguageModelMiddleware,
  LanguageModelUsage,
  ToolSet,
} from "ai";
import { SkeinError } from "../../model/error.ts";
import type { Usage } from "../../model/usage.ts";
import { abortedError, itemsUntilAborted, untilAborted } from "./abort.ts";
import { isListedUrl, isTextual, isWebUrl, matchesMediaType } from "./media-type.ts";
import type { FinishReason, Model, ModelEvent, ModelRequest, ModelTool } from "./model.ts";
import { toModelError } from "./model-error.ts";
import { createStepAssembler, type SdkPart } from "./step-assembler.ts";
import { toPrompt } from "./to-prompt.ts";

/** A model object of the AI SDK: what `openai("gpt-5")` and its like return. */
export type SdkLanguageModel = Exclude<LanguageModel, string>;

export interface SdkModelOptions {
  /** Shown and priced under this id; by default `provider/model` as the model object states them. */
  readonly id?: string;
  /** Media types of files that the model takes, for example `image/*`. Text files are always sent as text. */
  readonly mediaTypes?: readonly string[];
  /** URLs that the provider fetches although the package does not list them. */
  readonly mediaTypesByUrl?: readonly string[];
  /** The environment variable of the key, for error messages. */
  readonly keyVariable?: string;
}

/** Makes a `Model` of an AI SDK model object. The SDK itself is loaded at the first call. */
export function sdkModel(model: SdkLanguageModel, options: SdkModelOptions = {}): Model {
  const provider = model.provider.split(".")[0] ?? model.provider;
  const id = options.id ?? `${provider}/${model.modelId}`;
  const mediaTypes = options.mediaTypes ?? ["image/*", "application/pdf"];
  const isTaken = (mediaType: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matchesMediaType(pattern, mediaType));
  const supports = (mediaType: string): boolean =>
    isTextual(mediaType) || isTaken(mediaType, mediaTypes);

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent, void, undefined> {
    // Aborted in `finally`, so that a caller that stops reading also stops the provider's work.
    const stop = new AbortController();
    const signal = AbortSignal.any([request.signal, stop.signal]);
    try {
      if (signal.aborted) throw abortedError();
      const [sdk, urls] = await untilAborted(
        Promise.all([import("ai"), model.supportedUrls]),
        signal,
      );
      const supportsUrl = (mediaType: string, url: string): boolean =>
        isWebUrl(url) &&
        (isTaken(mediaType, options.mediaTypesByUrl ?? []) || isListedUrl(urls, mediaType, url));
      const { loadBlob, saveBlob } = request;
      const prompt = await untilAborted(
        toPrompt(request, { model: id, supports, supportsUrl, loadBlob }),
        signal,
      );
      const inputTexts = new Map<string, string>();
      const assembler = createStepAssembler({ inputTexts, saveBlob });
      const result = sdk.streamText({
        model: sdk.wrapLanguageModel({ model, middleware: tap(inputTexts) }),
        messages: prompt.messages,
        ...(prompt.instructions !== undefined && { instructions: prompt.instructions }),
        ...(request.tools.length > 0 && { tools: toolSet(request.tools, sdk.jsonSchema) }),
        ...request.settings,
        stopWhen: sdk.isStepCount(1),
        maxRetries: 0,
        abortSignal: signal,
        // Skein keeps the history itself: no copy at the provider, and no ids that point to one.
        ...(provider === "openai" && { providerOptions: { openai: { store: false } } }),
        // URLs in messages are user input: only the provider may fetch them.
        experimental_download: async (files) => files.map(() => null),
        onError: () => undefined,
      });
      for await (const part of itemsUntilAborted(result.stream, signal)) {
        if (part.type === "abort") throw abortedError();
        if (part.type === "error") throw part.error;
        yield* await assembler.accept(part);
        if (part.type === "finish-step") {
          yield {
            type: "step-end",
            parts: assembler.parts(),
            finish: finishOf(part, id),
            usage: usageOf(part.usage),
            model: id,
          };
          return;
        }
      }
      throw endedEarly(id);
    } catch (error) {
      throw toModelError(error, {
        model: id,
        keyVariable: options.keyVariable,
        signal: request.signal,
        now: request.now ?? Date.now(),
      });
    } finally {
      stop.abort();
    }
  }

  return { id, supports, stream };
}

/** Notes the exact text of tool arguments, which the SDK parses away, and keeps warnings off the console. */
function tap(inputTexts: Map<string, string>): LanguageModelMiddleware {
  return {
    specificationVersion: "v4",
    wrapStream: async ({ doStream }) => {
      const { stream, ...rest } = await doStream();
      const watch = new TransformStream({
        transform(part: StreamPartOf<typeof stream>, controller) {
          if (part.type === "tool-call") inputTexts.set(part.toolCallId, part.input);
          controller.enqueue(part.type === "stream-start" ? { ...part, warnings: [] } : part);
        },
      });
      return { ...rest, stream: stream.pipeThrough(watch) };
    },
  };
}

type StreamPartOf<S> = S extends ReadableStream<infer P> ? P : never;

function toolSet(tools: readonly ModelTool[], jsonSchema: typeof JsonSchema): ToolSet {
  const set: ToolSet = {};
  for (const { name, description, inputSchema } of tools)
    set[name] = { description, inputSchema: jsonSchema({ ...inputSchema }) };
  return set;
}

const FINISH: Readonly<Record<SdkFinish, FinishReason>> = {
  stop: "stop",
  length: "length",
  "content-filter": "content-filter",
  "tool-calls": "tool-calls",
  error: "error",
  other: "other",
  // The provider stopped on its own account and kept what there was.
  interrupted: "other",
};

function finishOf(part: Extract<SdkPart, { type: "finish-step" }>, model: string): FinishReason {
  // Providers report this when the connection closed before they had heard a reason.
  if (part.finishReason === "other" && part.rawFinishReason === undefined) throw endedEarly(model);
  return FINISH[part.finishReason];
}

function endedEarly(model: string): SkeinError {
  return new SkeinError("model_error", `The stream of ${model} ended before the answer did.`, {
    details: { model, isRetryable: true },
  });
}

function usageOf(usage: LanguageModelUsage): Usage | undefined {
  const { inputTokens, outputTokens, inputTokenDetails, outputTokenDetails } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const reasoningTokens = outputTokenDetails.reasoningTokens ?? 0;
  const cachedInputTokens = inputTokenDetails.cacheReadTokens ?? 0;
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(reasoningTokens > 0 && { reasoningTokens }),
    ...(cachedInputTokens > 0 && { cachedInputTokens }),
  };
}
