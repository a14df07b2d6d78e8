/** What a user said and an agent answered. */
export interface Turn {
  readonly user: string;
  readonly assistant: string;
}

const COMMON =
  `the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
  one you were her all their there been if more when will would who so no out up said what its about into than them
  only can other new some time could these two may then do first any now such like our over man even most made after
  also did many before must through back years where much your way well down should because long each just state
  people those too mister good very make world still see own men work here thread message branch agent model answer
  context question deploy server database migration schema index latency budget`.split(/\s+/u);

const SYLLABLES = "ka lo ri ten ma su ver do pi ral en co ba tion fe gu ster ni ha mo".split(" ");

/** As many words as a long conversation knows; how often each is said follows Zipf's law. */
const VOCABULARY_SIZE = 20_000;
const POOL_SIZE = 1_000;

/** Turns of the mean size of a conversation with an agent: 786 bytes of JSON per message with id, role, time and text
 *  (300 characters by the user, 1,040 by the agent, each ±50 %). Always the same ones. */
export function makeTurns(count: number = POOL_SIZE, seed = 1): readonly Turn[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    user: textOf(random, 300),
    assistant: textOf(random, 1_040),
  }));
}

/** The turns again and again. */
export function turnAt(turns: readonly Turn[], number: number): Turn {
  return turns[number % turns.length] ?? { user: "", assistant: "" };
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const vocabulary: readonly string[] = makeVocabulary();

function makeVocabulary(): readonly string[] {
  const random = randomFrom(7);
  const words = new Set(COMMON);
  while (words.size < VOCABULARY_SIZE) {
    let word = "";
    for (let left = 2 + Math.floor(random() * 3); left > 0; left--)
      word += SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? "";
    words.add(word);
  }
  return [...words];
}

function textOf(random: () => number, mean: number): string {
  const length = mean * (0.5 + random());
  let text = "";
  while (text.length < length) {
    const rank = Math.floor(Math.exp(random() * Math.log(VOCABULARY_SIZE)));
    text += `${vocabulary[rank - 1] ?? "the"} `;
  }
  return text.slice(0, length);
}
