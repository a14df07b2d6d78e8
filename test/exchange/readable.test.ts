import fc from "fast-check";
import { expect, test } from "vitest";
import { exportHtml } from "../../src/exchange/readable/write-html.ts";
import { exportMarkdown } from "../../src/exchange/readable/write-markdown.ts";
import { safeMarkdown } from "../../src/exchange/readable/safe-markdown.ts";
import type { Part } from "../../src/model/part.ts";
import { engineOver, fixture, importText, threadIds } from "./import-support.ts";

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

async function threadSaying(...parts: readonly Part[]): Promise<{
  readonly markdown: string;
  readonly html: string;
}> {
  const engine = engineOver();
  const { thread } = await engine.create({
    title: HOSTILE,
    tags: [HOSTILE.slice(0, 60)],
    messages: [{ content: parts }],
  });
  return {
    markdown: await joined(exportMarkdown(engine, thread.id)),
    html: await joined(exportHtml(engine, thread.id)),
  };
}

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>](javascript:alert(3))`;

/** What a reader of Markdown would show as something else than code. */
function outsideOfCode(markdown: string): string {
  const lines: string[] = [];
  let fence = "";
  for (const line of markdown.split("\n")) {
    const [mark = ""] = /^`{3,}(?=[^`]*$)/.exec(line) ?? [];
    if (fence === "" && mark !== "") fence = mark;
    else if (fence !== "" && line === fence) fence = "";
    else if (fence === "") lines.push(line);
  }
  expect(fence).toBe("");
  expect(lines.join("\n")).not.toMatch(/^ {0,3}(?:~{3}|`{3,}[^`]*$)/m);
  return lines.join("\n");
}

function expectHarmless(markdown: string): void {
  const shown = outsideOfCode(markdown);
  expect(shown.replaceAll(/<\/?(?:details|summary|code)>/g, "")).not.toContain("<");
  // A link or a definition leads to the web, to a person, or into the page.
  for (const [, address = ""] of shown.matchAll(/\](?:\(|:)(?:[\s>]|&lt;)*([^\s)]*)/g))
    expect(address).toMatch(/^(?:https?:|mailto:|#|[^:]*$|[^:]*[/?#])/i);
}

test("a thread as Markdown has title, speakers, times, folded tools and code as it was", async () => {
  const engine = engineOver();
  await importText(engine, fixture("claude-code.jsonl"));
  const id = (await threadIds(engine))["Fixes the rudder"] ?? "";
  const markdown = await joined(exportMarkdown(engine, id));
  expect(markdown).toMatch(/^# Fixes the rudder\n\nThread th/);
  expect(markdown).toContain("## local · 2026-03-01T10:00:00Z\n\nFix the rudder");
  expect(markdown).toContain(
    '<summary>Calls Read</summary>\n\n```json\n{\n  "path": "rudder.ts"\n}\n```\n\n</details>',
  );
  expect(markdown).toContain("let rudder");
  expectHarmless(markdown);
});

test("all branches come, each with what it has for itself", async () => {
  const engine = engineOver();
  await importText(engine, fixture("librechat.json"));
  const [id = ""] = Object.values(await threadIds(engine));
  const all = await joined(exportMarkdown(engine, id, { branch: "all" }));
  expect(all.match(/Which sail/g)).toHaveLength(1);
  expect(all).toContain("The jib.");
  expect(all).toContain("The main sail.");
  expect(await joined(exportHtml(engine, id, { branch: "all" }))).toContain("<h1>Branch main~");
  await expect(joined(exportMarkdown(engine, id, { branch: "none" }))).rejects.toMatchObject({
    code: "branch_not_found",
  });
});

test("code is kept, and the text around it cannot become HTML", () => {
  expect(
    safeMarkdown("Use `a < b` and `<b>`:\n```html\n<b>bold</b>\n```\n<b>no</b> &lt; R&D"),
  ).toBe(
    "Use <code>a &#60; b</code> and <code>&#60;b&#62;</code>:\n\n```html\n<b>bold</b>\n```\n\n&lt;b>no&lt;/b> &amp;lt; R&D",
  );
});

test.each([
  ["a fence that ends early", "```\ncode\n````\n<script>1</script>"],
  ["a fence that does not end", "```js\n</code><script>1</script>"],
  ["a fence in code", "~~~\n```\n<script>1</script>\n```\n~~~\n<i>"],
  ["a tick that is escaped", "\\`<img src=x onerror=alert(1)>`"],
  ["ticks of other lengths", "`` ` <script> `` <script> `"],
  ["a link", "[x](javascript:alert(1))"],
  ["a link over lines", "[x](\n  javascript:alert(1))"],
  ["a link in a quotation", "> [x](\n> javascript:alert(1))"],
  ["a link in angles", "[x](< java\tscript:alert(1)>)"],
  ["a link in code that is none", "\\`[x](javascript:alert(1))`"],
  ["an escaped colon", "[x](javascript\\:alert(1))"],
  ["an entity", "[x](javascript&colon;alert(1)) [y](&#106;avascript:alert(1))"],
  ["a definition", "[x]\n\n[x]: JavaScript:alert(1)"],
  ["a data address", "![x](data:text/html;base64,PHNjcmlwdD4=)"],
  ["an autolink", "<javascript:alert(1)>"],
  ["a comment", "<!-- <script>1</script> -->"],
  ["a heading of the page", "# Assistant\nFake\n===\nFake\n---\n"],
])("%s does nothing in Markdown", (_what, text) => {
  const markdown = safeMarkdown(text);
  expectHarmless(markdown);
  expect(outsideOfCode(markdown)).not.toMatch(/^ {0,3}(?:#{1,2}\s|=+\s*$|-+\s*$)/m);
});

test("whatever is said is harmless in Markdown", () => {
  const piece = fc.constantFrom(
    ..."` `` ``` ~~~ < > </ <a <script> <!-- \\ [ ] ( ) [x]( ]( ]: javascript: data: &lt; &#58; \n \n\n > - # === --- word".split(
      " ",
    ),
    "\n",
    " ",
    "\t",
    "> ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) =>
      expectHarmless(safeMarkdown(pieces.join(""))),
    ),
    { numRuns: 500 },
  );
});

test("hostile titles, tools, files and sources do nothing in either export", async () => {
  const { markdown, html } = await threadSaying(
    { type: "text", text: HOSTILE },
    { type: "text", text: `\`\`\`\n${HOSTILE}\n\`\`\`` },
    {
      type: "file",
      mediaType: "text/plain",
      filename: HOSTILE,
      source: { kind: "text", text: HOSTILE },
    },
    {
      type: "file",
      mediaType: "text/html",
      filename: "x",
      source: { kind: "url", url: "javascript:alert(1)" },
    },
    { type: "source", kind: "url", url: "javascript:alert(1)", title: HOSTILE },
    { type: "source", kind: "url", url: `https://example.org/">)<script>`, title: "fine" },
    { type: "data", name: HOSTILE, data: { x: HOSTILE } },
    { type: "error", code: "x", message: HOSTILE },
    { type: "opaque", format: HOSTILE, value: HOSTILE },
  );
  expectHarmless(markdown);
  expect(markdown).toContain("https://example.org/");
  const tags = new Set((html.match(/<[^>]*>?/g) ?? []).map((tag) => tag.replace(/[\s>][^]*$/, "")));
  for (const tag of tags)
    expect([
      "<!doctype",
      "<html",
      "<head",
      "<meta",
      "<title",
      "</title",
      "<style",
      "</style",
      "</head",
      "<body",
      "<main",
      "<h1",
      "</h1",
      "<p",
      "</p",
      "<article",
      "</article",
      "<h2",
      "</h2",
      "<time",
      "</time",
      "<pre",
      "</pre",
      "<code",
      "</code",
      "<details",
      "</details",
      "<summary",
      "</summary",
      "<a",
      "</a",
      "</main",
      "</body",
      "</html",
    ]).toContain(tag);
  expect(html).not.toMatch(/<[^>]*\son\w+=/i);
  expect(html).not.toMatch(/href="(?!https?:)/);
  expect(html).toContain("Content-Security-Policy");
  expect(html).toContain("default-src 'none'");
});

test("pictures are in the page when their bytes are those of a picture, and never as something that runs", async () => {
  const engine = engineOver();
  const png = Buffer.from("89504e470d0a1a0a0000", "hex");
  const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`);
  const parts: Part[] = [];
  for (const [bytes, mediaType] of [
    [png, "image/svg+xml"],
    [svg, "image/png"],
  ] as const) {
    const { sha256, sizeBytes } = await engine.putBlob(bytes, mediaType);
    parts.push({ type: "file", mediaType, source: { kind: "blob", sha256, sizeBytes } });
  }
  const { thread } = await engine.create({ messages: [{ content: parts }] });
  const html = await joined(exportHtml(engine, thread.id));
  expect(html.match(/<img[^>]*>/g)).toEqual([
    `<img src="data:image/png;base64,${png.toString("base64")}" alt="image/svg+xml">`,
  ]);
  expect(html).not.toContain("onload");
});

test("what was redacted stays so, and long threads come whole and in order", async () => {
  const engine = engineOver();
  const { thread } = await engine.create();
  for (let from = 0; from < 450; from += 150)
    await engine.append(thread.id, {
      messages: Array.from({ length: 150 }, (_, index) => ({ content: `Number ${from + index}.` })),
    });
  const [first] = (await engine.messages(thread.id, { limit: 1 })).messages;
  await engine.redact(thread.id, first?.id ?? "");
  const markdown = await joined(exportMarkdown(engine, thread.id));
  const numbers = [...markdown.matchAll(/^Number (\d+)\./gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 449 }, (_, index) => index));
  expect(markdown).toContain("*redacted*");
});
