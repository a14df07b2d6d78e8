import type { ModelChoice } from "./models/resolve.ts";

/** How a model is called in lists and logs: `openai/gpt-5`, `demo`. */
export function modelName(choice: ModelChoice): string {
  if (typeof choice === "string") return choice;
  return "doStream" in choice ? `${choice.provider}/${choice.modelId}` : choice.id;
}
