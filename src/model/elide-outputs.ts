import type { MessageBody } from "./message.ts";
import { outputText } from "./message-tokens.ts";
import type { Part, ToolResultPart } from "./part.ts";

/** Shortens what tools answered a while ago. */
export interface ElisionPolicy {
  /** Newest messages with tool results that stay whole. Default 3. */
  readonly keepNewest?: number;
  /** Characters that an older result may have, at least 100. Default 2,000. */
  readonly maxCharacters?: number;
}

export interface Elision {
  readonly messageId: string;
  readonly callId: string;
  /** Left out of the output. */
  readonly characters: number;
}

const KEEP_NEWEST = 3;
const MAX_CHARACTERS = 2_000;
// An end says more than a middle: errors and totals stand there.
const SHARE_OF_BEGINNING = 0.7;

/** The messages with old large outputs shortened to their beginning and end, and a note of what was left out. Those that are
 *  pinned stay whole. */
export function elideOutputs(
  messages: readonly MessageBody[],
  policy: ElisionPolicy,
  isPinned: (message: MessageBody) => boolean = () => false,
): { readonly messages: readonly MessageBody[]; readonly elided: readonly Elision[] } {
  const { keepNewest = KEEP_NEWEST, maxCharacters = MAX_CHARACTERS } = policy;
  const withResults = messages.filter(({ parts }) => parts.some(isResult));
  const whole = new Set(keepNewest === 0 ? [] : withResults.slice(-keepNewest));
  const elided: Elision[] = [];
  const shortened = messages.map((message) => {
    if (whole.has(message) || isPinned(message) || !message.parts.some(isResult)) return message;
    const parts = message.parts.map((part) => {
      if (!isResult(part)) return part;
      const text = outputText(part.output);
      const cut = shorten(text, maxCharacters);
      if (cut === text) return part;
      elided.push({
        messageId: message.id,
        callId: part.callId,
        characters: text.length - maxCharacters,
      });
      const type = part.output.type === "error" ? "error" : "text";
      return { ...part, output: { type, text: cut } } as const;
    });
    return parts.every((part, index) => part === message.parts[index])
      ? message
      : { ...message, parts };
  });
  return { messages: shortened, elided };
}

/** The text itself, or its beginning and end with a note between them; the note comes on top of `most` characters. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const first = Math.ceil(most * SHARE_OF_BEGINNING);
  const last = most - first;
  const end = last === 0 ? "" : text.slice(-last);
  const note = `\n[… ${text.length - most} characters left out …]\n`;
  // A cut through a surrogate pair would leave half of it.
  return `${text.slice(0, first)}${note}${end}`.toWellFormed();
}

function isResult(part: Part): part is ToolResultPart {
  return part.type === "tool-result";
}
