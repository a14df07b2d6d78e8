/** What stands between blank lines, in order. Indentation is kept; line ends become newlines. */
export function paragraphs(text: string): readonly string[] {
  return text
    .replace(/^\ufeff/, "")
    .replaceAll(/\r\n?/g, "\n")
    .split(/\n(?:[ \t\f]*\n)+/)
    .map((paragraph) => paragraph.replace(/^(?:[ \t\f]*\n)+/, "").trimEnd())
    .filter((paragraph) => paragraph.trim() !== "");
}
