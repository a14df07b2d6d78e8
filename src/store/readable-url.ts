/** The address as a URL; `undefined` for what is none, or has a `%` that is not the beginning of an escape. The parser's
 *  own error would repeat the address, password and all. */
export function readableUrl(address: string): URL | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const { username, password, pathname } = url;
  return [username, password, pathname].every(isDecodable) ? url : undefined;
}

/** What to say of an address that `readableUrl` does not read, behind the form that it has. */
export const PERCENT_HINT: string = "A % in it is written %25.";

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
