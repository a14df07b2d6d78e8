const WORDS = "the sail fills with wind and the boat leaves the harbour before noon ".repeat(14);

/** Conversations as Claude exports them, one per line, until there are this many bytes. */
export async function* generatedClaude(sizeBytes: number): AsyncGenerator<Uint8Array> {
  let made = 0;
  for (let number = 0; made < sizeBytes; number++) {
    const chat_messages = Array.from({ length: 50 }, (_, index) => ({
      uuid: `m-${number}-${index}`,
      sender: index % 2 === 0 ? "human" : "assistant",
      created_at: "2026-01-01T00:00:00Z",
      text: `${number}/${index} ${WORDS}`,
    }));
    const line = Buffer.from(
      `${JSON.stringify({ uuid: `c-${number}`, name: `Talk ${number}`, chat_messages })}\n`,
    );
    made += line.byteLength;
    // As pieces of a file that know nothing of lines.
    for (let from = 0; from < line.byteLength; from += 65_536)
      yield line.subarray(from, from + 65_536);
  }
}
