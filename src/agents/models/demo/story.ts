const SENTENCES: readonly string[] = [
  "A weaver kept every thread that anyone had ever handed to her.",
  "She wound each one on its own skein, and no two were ever confused.",
  "When a traveller came back after years, she found the end and went on from there.",
  "Sometimes a thread split in two, and she followed both without cutting either.",
  "Sometimes the lamp went out in the middle of a row.",
  "She lit it again, felt for the last knot, and tied the next one beside it.",
  "Nothing that had been knotted was ever lost, and nothing was knotted twice.",
  "Children asked how she remembered it all.",
  "She said that she did not remember: she only wrote everything down in order.",
  "In winter the whole village sat around the loom and took turns.",
  "Each of them left a mark in the cloth, so that one could see who had worked where.",
  "And when the cloth was long enough to reach the river, they began again at the other end.",
];

/** Exactly `words` words. Sentences are numbered, so that a missing or doubled piece can be seen. */
export function storyOf(words: number): string {
  const out: string[] = [];
  for (let number = 1; out.length < words; number++) {
    const sentence = SENTENCES[(number - 1) % SENTENCES.length] ?? "";
    out.push(...`${number}. ${sentence}`.split(" "));
  }
  return out.slice(0, words).join(" ");
}
