import { SkeinError } from "../../model/error.ts";
import { demoModel } from "./demo/demo-model.ts";
import type { Model } from "./model.ts";
import { type SdkLanguageModel, sdkModel } from "./sdk-model.ts";

/** A model as a user may name it: `provider/model`, `demo`, a model object of the AI SDK, or our own. */
export type ModelChoice = string | SdkLanguageModel | Model;

type Environment = Readonly<Record<string, string | undefined>>;
type Provider = (modelId: string, environment: Environment) => Promise<Model>;

const IMAGE_AND_PDF = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"];

const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: async (modelId, environment) => {
    const keyVariable = "OPENAI_API_KEY";
    const apiKey = required(environment, keyVariable, `openai/${modelId}`);
    const baseURL = environment["OPENAI_BASE_URL"];
    const { createOpenAI } = await import("@ai-sdk/openai");
    const model = createOpenAI({ apiKey, ...(baseURL && { baseURL }) })(modelId);
    return sdkModel(model, { id: `openai/${modelId}`, mediaTypes: IMAGE_AND_PDF, keyVariable });
  },
  anthropic: async (modelId, environment) => {
    const keyVariable = "ANTHROPIC_API_KEY";
    const apiKey = required(environment, keyVariable, `anthropic/${modelId}`);
    const baseURL = environment["ANTHROPIC_BASE_URL"];
    const { createAnthropic } = await import("@ai-sdk/anthropic");
    const model = createAnthropic({ apiKey, ...(baseURL && { baseURL }) })(modelId);
    return sdkModel(model, { id: `anthropic/${modelId}`, mediaTypes: IMAGE_AND_PDF, keyVariable });
  },
  google: async (modelId, environment) => {
    const keyVariable = "GOOGLE_GENERATIVE_AI_API_KEY";
    const apiKey = required(environment, keyVariable, `google/${modelId}`);
    const { createGoogle } = await import("@ai-sdk/google");
    const model = createGoogle({ apiKey })(modelId);
    const mediaTypes = ["image/*", "audio/*", "video/*", "application/pdf"];
    return sdkModel(model, { id: `google/${modelId}`, mediaTypes, keyVariable });
  },
  compatible: async (modelId, environment) => {
    const id = `compatible/${modelId}`;
    const baseURL = required(environment, "SKEIN_MODEL_URL", id);
    if (!URL.canParse(baseURL))
      throw new SkeinError(
        "model_not_configured",
        `SKEIN_MODEL_URL is not a URL. Give the server's base URL, ending in /v1.`,
      );
    const apiKey = environment["SKEIN_MODEL_KEY"];
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    const provider = createOpenAICompatible({
      name: "compatible",
      baseURL,
      includeUsage: true,
      ...(apiKey && { apiKey }),
    });
    return sdkModel(provider(modelId), {
      id,
      // What such a server takes cannot be known from here; it answers with an error of its own.
      mediaTypes: ["image/*", "video/*", "audio/wav", "audio/mpeg", "application/pdf"],
      mediaTypesByUrl: ["image/*", "video/*"],
      keyVariable: "SKEIN_MODEL_KEY",
    });
  },
};

/** Finds the model that `choice` names. Calls nobody: a wrong key shows only when the model is used.
 *  @throws SkeinError  `model_not_configured` for an unknown provider, or when an environment variable
 *    that the provider needs is missing; the message names it. */
export async function resolveModel(choice: ModelChoice, environment: Environment): Promise<Model> {
  if (typeof choice !== "string") return "doStream" in choice ? sdkModel(choice) : choice;
  if (choice === "demo") return demoModel({ delayMs: demoDelay(environment) });
  const slash = choice.indexOf("/");
  const name = choice.slice(0, Math.max(0, slash));
  const modelId = choice.slice(slash + 1);
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (provider === undefined || modelId === "")
    throw new SkeinError(
      "model_not_configured",
      `There is no model ${JSON.stringify(choice.slice(0, 100))}. Write provider/model, for example ` +
        `openai/gpt-5; providers are ${Object.keys(PROVIDERS).join(", ")}. Or use demo, which needs no key.`,
    );
  return provider(modelId, environment);
}

function required(environment: Environment, variable: string, model: string): string {
  const value = environment[variable]?.trim();
  if (value) return value;
  throw new SkeinError("model_not_configured", `${model} needs ${variable} in the environment.`, {
    details: { variable },
  });
}

function demoDelay(environment: Environment): number | undefined {
  const value = environment["SKEIN_DEMO_DELAY_MS"];
  if (value === undefined || value.trim() === "") return undefined;
  const delayMs = Number(value);
  if (Number.isFinite(delayMs) && delayMs >= 0) return delayMs;
  throw new SkeinError(
    "model_not_configured",
    "SKEIN_DEMO_DELAY_MS must be a number of milliseconds, 0 or more.",
  );
}
