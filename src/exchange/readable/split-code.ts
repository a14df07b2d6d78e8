export type TextBlock =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string; readonly language: string };

const FENCE = /^[ \t>]*(`{3,}(?=[^`]*$)|~{3,})[ \t]*([\w#+.-]{0,32})/;

/** A text in Markdown as what is said and fenced code, which may be without its end. */
export function splitCode(text: string): readonly TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  let fence: { readonly mark: string; readonly language: string } | undefined;
  const flush = (): void => {
    if (fence !== undefined)
      blocks.push({ kind: "code", text: lines.join("\n"), language: fence.language });
    else if (lines.some((line) => line.trim() !== ""))
      blocks.push({ kind: "text", text: lines.join("\n") });
    lines = [];
  };
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (fence === undefined) {
      const [, mark, language = ""] = FENCE.exec(line) ?? [];
      if (mark === undefined) lines.push(line);
      else {
        flush();
        fence = { mark, language };
      }
    } else if (closes(line, fence.mark)) {
      flush();
      fence = undefined;
    } else lines.push(line);
  }
  flush();
  return blocks;
}

function closes(line: string, mark: string): boolean {
  const end = line.replace(/^[ \t>]*/, "").trimEnd();
  return end.length >= mark.length && end === (mark[0] ?? "").repeat(end.length);
}

export type InlinePiece = { readonly kind: "text" | "code"; readonly text: string };

/** A text as what is said and `code` in it. */
export function splitInlineCode(text: string): readonly InlinePiece[] {
  const pieces: InlinePiece[] = [];
  let from = 0;
  for (const found of text.matchAll(/(?<!`)(`{1,8})(?!`)([^\n]+?)(?<!`)\1(?!`)/g)) {
    if (found.index > from) pieces.push({ kind: "text", text: text.slice(from, found.index) });
    pieces.push({ kind: "code", text: found[2] ?? "" });
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}

/** Without control characters, which steer terminals. */
export function printableText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\uFFFD");
}
