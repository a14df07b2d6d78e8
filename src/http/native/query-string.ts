import { SkeinError } from "../../model/error.ts";

type Query = Record<string, string | Record<string, string>>;

/** The parameters of a query string. `metadata[key]=value` is gathered under `metadata`. Throws `invalid_request` for broken
 *  escapes and repeated parameters, `invalid_text` for NUL and control characters. */
export function parseQuery(search: string): Query {
  const query: Query = {};
  if (search === "" || search === "?") return query;
  for (const pair of search.slice(1).split("&")) {
    if (pair === "") continue;
    const cut = pair.indexOf("=");
    const name = decodeQuery(cut < 0 ? pair : pair.slice(0, cut));
    const value = cut < 0 ? "" : decodeQuery(pair.slice(cut + 1));
    if (/\p{Cc}/u.test(value))
      throw new SkeinError("invalid_text", `${name} must not contain control characters.`, {
        field: name,
      });
    const nested = /^(\w+)\[(.+)\]$/.exec(name);
    if (nested === null) put(query, name, value);
    else {
      const [, object = "", key = ""] = nested;
      refusePrototype(object);
      const inner = Object.hasOwn(query, object) ? query[object] : {};
      if (typeof inner !== "object") throw repeated(object);
      put(inner, key, value);
      query[object] = inner;
    }
  }
  return query;
}

/** Percent-decodes. Throws `invalid_request` for escapes that are broken or not UTF-8. */
export function decodePath(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SkeinError("invalid_request", "The URL has a broken percent escape.");
  }
}

function decodeQuery(text: string): string {
  return decodePath(text.replaceAll("+", " "));
}

function put(target: Record<string, unknown>, name: string, value: string): void {
  refusePrototype(name);
  if (Object.hasOwn(target, name)) throw repeated(name);
  target[name] = value;
}

// Set as a property it would become the object's prototype, where a schema does not see it.
function refusePrototype(name: string): void {
  if (name === "__proto__")
    throw new SkeinError("unknown_field", "The query has an unknown field __proto__.", {
      field: name,
    });
}

function repeated(name: string): SkeinError {
  return new SkeinError("invalid_request", `${name} is given more than once.`, { field: name });
}
