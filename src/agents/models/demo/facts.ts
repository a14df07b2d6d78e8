import { assertionsOf, type Statement } from "./conversation.ts";

export interface Fact {
  /** `name`, `favorite color`, `work`, `likes`, `note` … */
  readonly topic: string;
  readonly value: string;
}

interface Pattern {
  readonly expression: RegExp;
  readonly read: (match: RegExpMatchArray) => Fact | undefined;
}

const NAME = String.raw`\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*){0,3}`;
const REST = String.raw`[^.!?;\n]+`;

const PATTERNS: readonly Pattern[] = [
  named(String.raw`\b[Mm]y name(?:'s| is)(?: now)? ([\p{L}'-]+(?: \p{Lu}[\p{L}'-]*){0,3})`),
  named(String.raw`\b(?:[Cc]all me|I go by) (${NAME})`),
  named(String.raw`\b(?:I'm|I am|[Tt]his is) (${NAME})(?=[,.!]|$| and\b| from\b| here\b)`),
  {
    expression: new RegExp(
      String.raw`\bmy ([\p{L}' -]{2,40}?) (?:is|are)(?: called| now)? (${REST})`,
      "iu",
    ),
    read: ([, topic = "", value = ""]) => {
      const key = topicKey(topic);
      return key === "name" ? undefined : { topic: key, value: tidy(value) };
    },
  },
  about("likes", String.raw`\bI (?:really |also )?(?:like|love|enjoy) (${REST})`),
  about("preference", String.raw`\bI(?:'d| would)? (?:really |usually )?prefer (${REST})`),
  about("dislikes", String.raw`\bI (?:really )?(?:hate|dislike|don't like|do not like) (${REST})`),
  about("work", String.raw`\bI(?:'m| am) (?:currently )?(?:starting work|working) on (${REST})`),
  about("home", String.raw`\bI live in (${REST})`),
  about("note", String.raw`\b(?:please )?remember (?:that )?(?!my\b|me\b|I\b)(${REST})`),
];

/** What `speakerId` said of themselves; a later fact replaces an earlier one of the same topic,
 *  except likes, dislikes and notes, which add up. */
export function factsOf(statements: readonly Statement[], speakerId: string): readonly Fact[] {
  const facts: Fact[] = [];
  for (const statement of statements)
    if (statement.speakerId === speakerId)
      for (const fact of factsIn(statement.text)) {
        const isList = fact.topic.endsWith("likes") || fact.topic === "note";
        const same = facts.findIndex(
          ({ topic, value }) => topic === fact.topic && (!isList || value === fact.value),
        );
        if (same !== -1) facts.splice(same, 1);
        facts.push(fact);
      }
  return facts;
}

export function factsIn(text: string): readonly Fact[] {
  const facts: Fact[] = [];
  for (const sentence of assertionsOf(text))
    for (const { expression, read } of PATTERNS) {
      const match = sentence.match(expression);
      const fact = match === null ? undefined : read(match);
      if (fact !== undefined && fact.value !== "") facts.push(fact);
    }
  return facts;
}

/** `favourite colour` and `favorite color` are one topic. */
export function topicKey(topic: string): string {
  return topic
    .toLowerCase()
    .replaceAll("favourite", "favorite")
    .replaceAll("colour", "color")
    .trim();
}

/** A fact told back to the person who said it. */
export function toSecondPerson({ topic, value }: Fact): string {
  switch (topic) {
    case "likes":
      return `You like ${value}.`;
    case "dislikes":
      return `You do not like ${value}.`;
    case "preference":
      return `You prefer ${value}.`;
    case "work":
      return `You are working on ${value}.`;
    case "home":
      return `You live in ${value}.`;
    case "note":
      return `You asked me to remember: ${value}.`;
    default:
      return `Your ${topic} is ${value}.`;
  }
}

function named(source: string): Pattern {
  return {
    expression: new RegExp(source, "u"),
    read: ([, value = ""]) => ({ topic: "name", value: tidy(value) }),
  };
}

function about(topic: string, source: string): Pattern {
  return {
    expression: new RegExp(source, "iu"),
    read: ([, value = ""]) => ({ topic, value: tidy(value) }),
  };
}

// "blue, and my dog is Rex" is one fact of this pattern; the other is found by its own.
function tidy(value: string): string {
  return value
    .replace(/,? (?:and|but) (?:I|my)\b.*$/iu, "")
    .replace(/[\s,:]+$/u, "")
    .trim();
}
