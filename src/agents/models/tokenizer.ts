import type { CountTokens } from "../../model/message-tokens.ts";
import type { ContextPolicy } from "../context/context-policy.ts";

/** How tokens are counted. Without `count` they are estimated: four characters a token. */
export interface Tokenizer {
  /** `estimate`, `custom`, or the package and the encoding. */
  readonly name: string;
  readonly count?: CountTokens;
}

export type LoadModule = (name: string) => Promise<unknown>;

const ESTIMATE: Tokenizer = { name: "estimate" };
// Not a literal in the import, because it is installed by whoever wants exact counts.
const PACKAGE = "gpt-tokenizer";
const loadInstalled: LoadModule = (name) => import(name);
const encodings = new Map<string, Promise<Tokenizer>>();

/** What counts the tokens of a model. Providers other than OpenAI publish no tokenizer. */
export async function tokenizerFor(
  modelId: string,
  policy: Pick<ContextPolicy, "tokenizer" | "tokenBudget">,
  load: LoadModule = loadInstalled,
): Promise<Tokenizer> {
  if (typeof policy.tokenizer === "function") return { name: "custom", count: policy.tokenizer };
  if (policy.tokenizer === "estimate" || policy.tokenBudget === undefined) return ESTIMATE;
  const encoding = encodingOf(modelId);
  if (encoding === undefined) return ESTIMATE;
  if (load !== loadInstalled) return loadEncoding(encoding, load);
  const known = encodings.get(encoding) ?? loadEncoding(encoding, load);
  encodings.set(encoding, known);
  return known;
}

function encodingOf(modelId: string): string | undefined {
  if (!modelId.startsWith("openai/")) return undefined;
  return /^openai\/(gpt-4(?!o|\.)|gpt-3\.5)/.test(modelId) ? "cl100k_base" : "o200k_base";
}

async function loadEncoding(encoding: string, load: LoadModule): Promise<Tokenizer> {
  try {
    const loaded = await load(`${PACKAGE}/encoding/${encoding}`);
    if (!hasCount(loaded)) return ESTIMATE;
    // Text that spells a control token is text.
    const asText = { disallowedSpecial: new Set<string>() };
    return {
      name: `${PACKAGE}/${encoding}`,
      count: (text) => loaded.countTokens(text, asText),
    };
  } catch {
    return ESTIMATE;
  }
}

interface Encoding {
  readonly countTokens: (text: string, options: object) => number;
}

function hasCount(loaded: unknown): loaded is Encoding {
  return (
    typeof loaded === "object" &&
    loaded !== null &&
    "countTokens" in loaded &&
    typeof loaded.countTokens === "function"
  );
}
