import type { ToolResultPart } from "../../../model/part.ts";
import { describeFile } from "../prompt-file.ts";
import { assertionsOf, sentencesOf, speakersOf } from "./conversation.ts";
import type { Conversation, DemoFile, Statement } from "./conversation.ts";
import { factsIn, factsOf, topicKey, toSecondPerson } from "./facts.ts";

const WORK =
  /\b(?:I(?:'m| am|'ll| will|'ve| have|'d| would)?) (?:just |now |currently |almost |be )*(?:start|work|handl|tak|do|build|writ|fix|review|test|finish|complet|deploy|own|cover|look|join|need)\w*\b|\b(?:ETA|blocked|done|ready|finished)\b/i;

const STOP_WORDS = new Set(
  (
    "what whats what's who who's whos when where which how does doing current currently status progress update " +
    "about with from that this there their them they have will work working task tasks going " +
    "the and for are is was were can could would should you your our please tell give said say says anyone " +
    "anybody everyone everybody thread conversation earlier before today now remember know mean eta like " +
    "some many much more than into over does did has had been being"
  ).split(" "),
);

export function answerResults(results: readonly ToolResultPart[]): string {
  return results
    .map(({ name, outcome, output }) => {
      const text = output.type === "json" ? readable(output.value) : output.text;
      if (outcome !== "ok") return `The tool ${name} gave no result (${outcome}): ${text}`;
      return name === "clock" ? `The clock says ${text}.` : `The tool ${name} answered: ${text}`;
    })
    .join(" ");
}

/** The answer to "what's my …?". */
export function answerOwnFact(conversation: Conversation, asked: string): string {
  const { statements, current } = conversation;
  const topic = topicKey(asked);
  const facts = factsOf(statements, current.speakerId);
  const fact =
    facts.findLast((known) => known.topic === topic) ??
    // "what's my name?" must not be answered with the dog's.
    facts.findLast(
      (known) => topic !== "name" && (known.topic.includes(topic) || topic.includes(known.topic)),
    );
  if (fact !== undefined) return toSecondPerson(fact);
  const signed = current.speakerName;
  if (topic === "name" && signed !== undefined && signed !== "local")
    return `You write here as ${signed}; you have not told me another name.`;
  return `You have not told me your ${topic} in this thread.`;
}

export function answerEverythingKnown({ statements, current }: Conversation): string {
  const facts = factsOf(statements, current.speakerId).map(toSecondPerson);
  return facts.length === 0
    ? "You have not told me anything about yourself in this thread yet."
    : `This is what you told me. ${facts.join(" ")}`;
}

/** Who said something about the question's subject; for a question about work, also who else does what. */
export function answerWork(conversation: Conversation): string {
  const earlier = conversation.statements.slice(0, -1);
  const words = keywordsOf(conversation.current.text);
  const matching = earlier.filter(({ text }) => words.some((word) => mentions(text, word)));
  const working = earlier.filter(
    (statement) => !matching.includes(statement) && WORK.test(statement.text),
  );
  if (matching.length === 0 && working.length === 0)
    return "Nobody has said anything about that in this thread.";
  const told =
    matching.length > 0 ? quoteAll(matching, conversation) : "Nobody mentioned that by name.";
  return working.length === 0 ? told : `${told} Also: ${quoteAll(working, conversation)}`;
}

/** Quotes what was said earlier about the question's subject, or `undefined`. */
export function answerRecall(conversation: Conversation): string | undefined {
  const words = keywordsOf(conversation.current.text);
  const matching = conversation.statements
    .slice(0, -1)
    .filter(
      ({ text }) => assertionsOf(text).length > 0 && words.some((word) => mentions(text, word)),
    );
  return matching.length === 0 ? undefined : quoteAll(matching.slice(-3), conversation);
}

export function answerWhoSaidWhat(conversation: Conversation): string {
  const earlier = conversation.statements.slice(0, -1);
  if (earlier.length === 0) return "Nobody has said anything before this.";
  const people = speakersOf(earlier).length;
  const shown = earlier.slice(-10);
  const start = people > 1 ? `${people} people wrote here. ` : "";
  const left = earlier.length - shown.length;
  return `${start}${left > 0 ? `After ${left} earlier messages: ` : ""}${quoteAll(shown, conversation)}`;
}

/** Thread metadata, when the system prompt shows it as lines `- key: value`. */
export function answerMetadata({ system, current }: Conversation): string | undefined {
  const lines = [...system.matchAll(/^[ \t]*[-*] ([\w.-]{1,64}): (.+)$/gm)].map(
    ([, key = "", value = ""]) => ({ key, value: value.trim().replace(/^"(.*)"$/, "$1") }),
  );
  const question = current.text.toLowerCase();
  const isGeneral = /\b(?:metadata|context|what is this (?:thread|conversation) about)\b/.test(
    question,
  );
  const asked = lines.filter(
    ({ key }) => isGeneral || question.includes(key.toLowerCase().replaceAll(/[_.-]/g, " ")),
  );
  if (asked.length === 0) return isGeneral ? "I was shown no context of this thread." : undefined;
  return `This thread's context: ${asked.map(({ key, value }) => `${key} is ${value}`).join(", ")}.`;
}

export function answerFiles(files: readonly DemoFile[]): string {
  return files
    .map(({ part, text }) => {
      if (text === undefined)
        return `I got the ${describeFile(part)}, but I cannot see what is in it.`;
      const words = text.split(/\s+/).filter((word) => word !== "").length;
      const first = text.trimStart().slice(0, 1_000).split("\n")[0] ?? "";
      return `I read the ${describeFile(part)}: ${words} words, beginning with “${shorten(first)}”.`;
    })
    .join(" ");
}

/** Confirms what a statement tells about its speaker, or `undefined` when it tells nothing. */
export function acknowledge({ text }: Statement): string | undefined {
  const facts = factsIn(text);
  const name = facts.findLast(({ topic }) => topic === "name");
  const others = facts.filter(({ topic }) => topic !== "name").map(toSecondPerson);
  if (name === undefined && others.length === 0) return undefined;
  const greeting = name === undefined ? "Noted." : `Nice to meet you, ${name.value}.`;
  return others.length === 0
    ? `${greeting} I will remember it.`
    : `${greeting} ${others.join(" ")}`;
}

function keywordsOf(question: string): readonly string[] {
  return (question.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).filter(
    (word) => !STOP_WORDS.has(word),
  );
}

/** Words match by their beginning, so that `auth` finds `authentication` and `tests` finds `testing`. */
function mentions(text: string, word: string): boolean {
  const stem = word.length > 5 ? word.slice(0, Math.max(4, word.length - 3)) : word;
  return (text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).some(
    (other) => other.startsWith(stem) || (other.length >= 4 && word.startsWith(other)),
  );
}

function quoteAll(statements: readonly Statement[], { current }: Conversation): string {
  return statements
    .map(({ speakerId, speakerName, text }) => {
      const who = speakerId === current.speakerId ? "you" : (speakerName ?? "someone");
      return `${who} said: “${shorten(text)}”`;
    })
    .join("; ")
    .concat(".");
}

function shorten(text: string): string {
  const line = sentencesOf(text).join(" ");
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function readable(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
