// Four UTF-16 units per token: the usual rule of thumb for English text and code.
const UNITS_PER_TOKEN = 4;

/** A rough count of tokens, for models that report none. At least 1 for text that is not empty. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / UNITS_PER_TOKEN);
}
