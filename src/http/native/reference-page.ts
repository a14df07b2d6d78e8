import type { JsonObject } from "../../model/json.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  readonly responses: Readonly<Record<string, JsonObject>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: JsonObject };
  readonly info: { readonly description: string };
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { overflow: auto; padding: .75rem; border: 1px solid #8884; border-radius: 6px; }
details { border-top: 1px solid #8884; padding: .5rem 0; }
summary { cursor: pointer; }
b.verb { display: inline-block; min-width: 4.5rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .15rem .75rem .15rem 0; vertical-align: top; }
h2 { margin-top: 2rem; }
`;

/** The OpenAPI document as a page to read: no scripts, nothing loaded. */
export function referencePage(document: JsonObject): string {
  const { paths, components, info } = document as unknown as Document;
  const { schemas } = components;
  const operations = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => section(path, verb, operation)),
  );
  const shapes = Object.entries(schemas).map(
    ([id, schema]) =>
      `<details id="${escape(id)}"><summary><code>${escape(id)}</code></summary>${code(schema)}</details>`,
  );
  return page(
    "Skein API",
    `<h1>Skein API</h1><p>${escape(info.description)}</p>
<p>The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>
<h2>Routes</h2>${operations.join("\n")}
<h2>Schemas</h2>${shapes.join("\n")}`,
  );
}

/** What somebody sees who opens the server's address in a browser. */
export function welcomePage(about: Readonly<Record<string, string>>): string {
  const rows = Object.entries(about).map(
    ([name, value]) => `<tr><td>${escape(name)}</td><td><code>${escape(value)}</code></td></tr>`,
  );
  return page(
    "Skein",
    `<h1>Skein</h1><p>The thread engine for AI agents runs here.</p>
<table>${rows.join("")}</table>
<p><a href="/api/v1/docs">API reference</a> · <a href="/api/v1/openapi.json">OpenAPI</a> · <a href="/api/v1/health">health</a></p>`,
  );
}

function section(path: string, verb: string, operation: Operation): string {
  const rows = (operation.parameters ?? []).flatMap((parameter) => {
    const { name, in: place, schema } = parameter;
    if (typeof name !== "string" || typeof place !== "string") return [];
    return [
      `<tr><td><code>${escape(name)}</code></td><td>${escape(place)}</td><td><code>${escape(JSON.stringify(schema))}</code></td></tr>`,
    ];
  });
  const answers = Object.entries(operation.responses).map(
    ([status, { description }]) =>
      `<tr><td>${escape(status)}</td><td>${escape(typeof description === "string" ? description : "")}</td></tr>`,
  );
  return `<details id="${escape(operation.operationId)}"><summary><b class="verb">${escape(verb.toUpperCase())}</b><code>${escape(path)}</code></summary>
<p>${escape(operation.summary)}.</p>
${rows.length === 0 ? "" : `<table>${rows.join("")}</table>`}
${operation.requestBody === undefined ? "" : `<p>Body</p>${code(operation.requestBody)}`}
<p>Answers</p><table>${answers.join("")}</table></details>`;
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

function code(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
