import { MockLanguageModelV4 } from "ai/test";
import { expect, test } from "vitest";
import { scriptedModel } from "../../testing/scripted-model.ts";
import { resolveModel } from "./resolve.ts";

test.each([
  ["openai/gpt-5", "OPENAI_API_KEY"],
  ["anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"],
  ["google/gemini-2.5-pro", "GOOGLE_GENERATIVE_AI_API_KEY"],
  ["compatible/llama3", "SKEIN_MODEL_URL"],
])("%s without %s says which variable to set", async (name, variable) => {
  await expect(resolveModel(name, { [variable]: " " })).rejects.toMatchObject({
    code: "model_not_configured",
    message: expect.stringContaining(variable),
    details: { variable },
  });
});

test.each([
  ["openai/gpt-5", "OPENAI_API_KEY", "audio/wav"],
  ["anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY", "video/mp4"],
  ["google/gemini-2.5-pro", "GOOGLE_GENERATIVE_AI_API_KEY", "application/zip"],
])(
  "%s with a key is ready, takes images and text and refuses %3$s",
  async (name, variable, refused) => {
    const model = await resolveModel(name, { [variable]: "key" });
    expect(model.id).toBe(name);
    expect(model.supports("image/png")).toBe(true);
    expect(model.supports("text/markdown")).toBe(true);
    expect(model.supports(refused)).toBe(false);
  },
);

test("a model's name may contain slashes", async () => {
  const model = await resolveModel("compatible/meta-llama/Llama-3", {
    SKEIN_MODEL_URL: "http://127.0.0.1:1/v1",
  });
  expect(model.id).toBe("compatible/meta-llama/Llama-3");
});

test.each(["gpt-5", "openai/", "/x", "toString/x", "", "ollama/llama3"])(
  "the unknown name %j is refused and the providers are listed",
  async (name) => {
    await expect(resolveModel(name, { OPENAI_API_KEY: "key" })).rejects.toMatchObject({
      code: "model_not_configured",
      message: expect.stringContaining("openai, anthropic, google, compatible"),
    });
  },
);

test("a base URL that is none is refused", async () => {
  await expect(
    resolveModel("compatible/x", { SKEIN_MODEL_URL: "localhost" }),
  ).rejects.toMatchObject({
    code: "model_not_configured",
  });
});

test("the demo model needs nothing, and its delay is checked", async () => {
  const model = await resolveModel("demo", {});
  expect(model).toMatchObject({ id: "demo", isDemo: true });
  await expect(resolveModel("demo", { SKEIN_DEMO_DELAY_MS: "soon" })).rejects.toMatchObject({
    code: "model_not_configured",
  });
});

test("our own model is used as it is, and one of the AI SDK is wrapped", async () => {
  const own = scriptedModel(["hi"]);
  expect(await resolveModel(own, {})).toBe(own);
  const wrapped = await resolveModel(
    new MockLanguageModelV4({ provider: "acme.chat", modelId: "m" }),
    {},
  );
  expect(wrapped.id).toBe("acme/m");
});
