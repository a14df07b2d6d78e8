import {
  acknowledge,
  answerEverythingKnown,
  answerFiles,
  answerMetadata,
  answerOwnFact,
  answerRecall,
  answerResults,
  answerWhoSaidWhat,
  answerWork,
} from "./answers.ts";
import type { Conversation } from "./conversation.ts";
import { storyOf } from "./story.ts";

export type DemoAnswer =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "call"; readonly tool: string };

/** The first rule that answers wins. */
type Rule = (conversation: Conversation, said: string) => DemoAnswer | string | undefined;

const DEFAULT_STORY_WORDS = 300;
const STORY_WORDS_LIMIT = 5_000;

const ABILITIES =
  "I'm Skein's demo model: I follow simple rules, so that everything around me can be tried without a key. " +
  "I remember names, preferences and who said what in this thread, ask the clock tool for the time, and " +
  "tell a long story (“write 500 words”), so that you can stop it, kill it, or reconnect. " +
  "Set SKEIN_MODEL to talk to a real model.";

const RULES: readonly Rule[] = [
  ({ results }) => (results.length > 0 ? answerResults(results) : undefined),
  ({ files }) => (files.length > 0 ? answerFiles(files) : undefined),
  (_, said) => {
    const words =
      /\b(?:write|tell|give|say|type|count to)\b.{0,40}?\b(\d{1,6})(?:\s*-?\s*words?)?\b/i.exec(
        said,
      );
    const isStory = /\b(?:words?|count to|story)\b/i.test(said);
    if (words !== null && isStory) return storyOf(Math.min(Number(words[1]), STORY_WORDS_LIMIT));
    return /\b(?:tell|write|give)\b.*\b(?:story|tale|long (?:text|answer|poem))\b/i.test(said)
      ? storyOf(DEFAULT_STORY_WORDS)
      : undefined;
  },
  ({ tools }, said) => {
    const isAsked =
      /\bwhat(?:'s| is)?(?: the)?(?: current)? (?:time|date|day)\b|\b(?:current|today's) (?:time|date)\b|\bwhich day\b|\bwhat time\b|\bthe time\b.*\?|\bclock\b/i;
    if (!isAsked.test(said)) return undefined;
    return tools.some(({ name }) => name === "clock")
      ? { kind: "call", tool: "clock" }
      : "I have no clock here: this agent was not given the clock tool.";
  },
  (_, said) =>
    /\b(?:what can you do|who are you|what are you|how do you work|your abilities)\b|^\/?help\b/i.test(
      said,
    )
      ? ABILITIES
      : undefined,
  (conversation, said) =>
    /\bwhat do you (?:know|remember)\b|\bwhat(?:'ve| have) I told you\b|\bwhat do I (?:like|prefer|enjoy)\b|\bwho am I\b/i.test(
      said,
    )
      ? answerEverythingKnown(conversation)
      : undefined,
  (conversation, said) => {
    const asked =
      /\b(?:what(?:'s| is| are| was)|who(?:'s| is)|do you (?:know|remember)|tell me|remind me(?: of)?|say)(?: again)? my ([\p{L}' -]+?)(?: again| now)?\s*[?.!]*$/iu.exec(
        said,
      );
    return asked === null ? undefined : answerOwnFact(conversation, asked[1] ?? "");
  },
  (conversation, said) =>
    /\bwhat(?:'s| is| am| are)? I (?:working|doing)\b|\bwhat am I working on\b/i.test(said)
      ? answerOwnFact(conversation, "work")
      : undefined,
  (conversation, said) =>
    /\b(?:who said|who wrote|who is here|who's here|summar\w+|recap|what (?:did|have) (?:we|I|everyone) (?:say|said|talk\w*|discuss\w*))\b/i.test(
      said,
    )
      ? answerWhoSaidWhat(conversation)
      : undefined,
  (conversation, said) =>
    /\b(?:status|progress|update on|who(?:'s| is) (?:working|doing|handling|on)|when will|ETA|how (?:is|are) .* (?:going|coming))\b.*\?|\bstatus of\b/i.test(
      said,
    )
      ? answerWork(conversation)
      : undefined,
  (conversation, said) =>
    /\?\s*$|^(?:what|which|tell|show)\b|\bmetadata\b/i.test(said)
      ? answerMetadata(conversation)
      : undefined,
  ({ current }) => acknowledge(current),
  (conversation, said) => (/\?\s*$/.test(said) ? answerRecall(conversation) : undefined),
  (_, said) =>
    /^(?:hi|hello|hey|good (?:morning|day|evening))\b/i.test(said)
      ? "Hello! Ask me what I can do, or tell me your name."
      : undefined,
  (_, said) => (/\b(?:thanks|thank you)\b/i.test(said) ? "You are welcome." : undefined),
  (_, said) =>
    said === ""
      ? "You sent nothing that I can read."
      : `I have no rule for that, so I repeat it: “${said.slice(0, 500)}” Ask me what I can do.`,
];

/** Every text begins with it, so that nobody takes the demo for a real model. */
const DEMO_PREFIX = "(demo model) ";

export function answerOf(conversation: Conversation): DemoAnswer {
  const said = conversation.current.text.replaceAll("’", "'");
  for (const rule of RULES) {
    const answer = rule(conversation, said);
    if (answer !== undefined)
      return typeof answer === "string" ? { kind: "text", text: DEMO_PREFIX + answer } : answer;
  }
  return { kind: "text", text: `${DEMO_PREFIX}${ABILITIES}` };
}
