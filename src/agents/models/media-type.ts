const TEXTUAL =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|x-ndjson|toml|javascript|sql)\b)|\+(?:json|xml)\b/i;

/** Text is sent as text: every model reads it, whatever it says about files. */
export function isTextual(mediaType: string): boolean {
  return TEXTUAL.test(mediaType);
}

/** Whether `mediaType` is `pattern`, or falls under it: `image/*`, `*`. */
export function matchesMediaType(pattern: string, mediaType: string): boolean {
  const type = mediaType.toLowerCase();
  if (pattern === "*" || pattern === "*/*") return true;
  return pattern.endsWith("/*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** Whether a provider that fetches `urls` (expressions by media type) fetches this one. */
export function isListedUrl(
  urls: Readonly<Record<string, readonly RegExp[]>>,
  mediaType: string,
  url: string,
): boolean {
  return Object.entries(urls).some(
    ([pattern, expressions]) =>
      matchesMediaType(pattern, mediaType) &&
      expressions.some((expression) => expression.test(url.toLowerCase())),
  );
}

export function isWebUrl(url: string): boolean {
  const protocol = URL.parse(url)?.protocol;
  return protocol === "https:" || protocol === "http:";
}
