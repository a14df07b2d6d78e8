import { printableText, splitCode, splitInlineCode } from "./split-code.ts";

/** What somebody said, as Markdown that says the same and can do nothing else: no HTML, no address that runs something, no
 *  heading that looks like one of the page. Code stays as it is: what is taken for code is written as code anew. */
export function safeMarkdown(text: string): string {
  return splitCode(printableText(text))
    .map((block) =>
      block.kind === "code" ? fenced(block.text, block.language) : safeText(block.text),
    )
    .join("\n\n");
}

/** Code between more backticks than it has in a row, so that it cannot end itself. */
export function fenced(code: string, language = ""): string {
  const runs = printableText(code).match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
  return `${fence}${language}\n${printableText(code)}\n${fence}`;
}

/** One line of words: nothing in it is Markdown. */
export function plainWords(text: string): string {
  return entities(printableText(text).replaceAll(/\s+/g, " ").trim());
}

function entities(text: string): string {
  return text.replaceAll(
    /[^\p{L}\p{N}\p{M} .,:;()/@+'"…\uFFFD-]/gu,
    (character) => `&#${character.codePointAt(0) ?? 0xfffd};`,
  );
}

function safeText(text: string): string {
  const lines = splitInlineCode(text)
    .map((piece) => (piece.kind === "code" ? inlineCode(piece.text) : escaped(piece.text)))
    .join("")
    .split("\n");
  return withoutRunningLinks(lines.map(safeLine).join("\n"));
}

/** Where a reader would not see code after all, nothing in it may be more than words. */
function inlineCode(code: string): string {
  return /[<&[\]\\]/.test(code) ? `<code>${codeEntities(code)}</code>` : `\`${code}\``;
}

function codeEntities(code: string): string {
  return code.replaceAll(/[^\p{L}\p{N} .,;/+'"-]/gu, (it) => `&#${it.codePointAt(0) ?? 0xfffd};`);
}

function escaped(text: string): string {
  return text.replaceAll(/&(?=#?\w+;)/g, "&amp;").replaceAll("<", "&lt;");
}

function safeLine(line: string): string {
  const [, indent = "", marks = ""] = /^( {0,3})(#{1,6})(?=\s|$)/.exec(line) ?? [];
  if (marks !== "")
    return `${indent}${"#".repeat(Math.min(6, marks.length + 2))}${line.slice(indent.length + marks.length)}`;
  // A line below another one would make a heading of it.
  if (/^ {0,3}=+\s*$/.test(line)) return line.replace("=", "&#61;");
  if (/^ {0,3}-{3,}\s*$/.test(line)) return "\n***\n";
  return /^ {0,3}-{1,2}\s*$/.test(line) ? line.replace("-", "&#45;") : line;
}

/** Addresses of other schemes than these lead nowhere. */
function withoutRunningLinks(markdown: string): string {
  return markdown.replaceAll(
    /(\](?:\(|:)(?:[\s>]|&lt;)*)(?=([^\s)]*))/g,
    (prefix: string, _same: string, address: string) =>
      /^[^/?#]*:/.test(address) && !/^(?:https?|mailto):/i.test(address) ? `${prefix}#` : prefix,
  );
}

/** A link to the web; the words alone where the address is another. */
export function safeLink(words: string, address: string): string {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return plainWords(words);
  const { href } = new URL(address);
  return `[${plainWords(words)}](${href.replaceAll(/[()<>\\[\]`]/g, (it) => `%${it.charCodeAt(0).toString(16)}`)})`;
}
