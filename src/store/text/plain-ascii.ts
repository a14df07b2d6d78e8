import { MAX_TOKEN_LENGTH } from "./tokenize.ts";

/** True for a text whose tokens are just its runs of ASCII letters and digits in lower case: no other script, no
 *  camelCase, no word that would be cut. Most text is, and to know it costs a third of making the tokens. */
export function isPlainAscii(text: string): boolean {
  let run = 0;
  let uppers = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127) return false;
    if (code >= 97 && code <= 122) {
      // `HTTPServer`: the second hump begins at the last capital.
      if (uppers > 1) return false;
      uppers = 0;
      run++;
    } else if (code >= 65 && code <= 90) {
      // `getUser`
      if (run > uppers) return false;
      uppers++;
      run++;
    } else if (code >= 48 && code <= 57) {
      uppers = 0;
      run++;
    } else {
      uppers = 0;
      run = 0;
    }
    if (run > MAX_TOKEN_LENGTH) return false;
  }
  return true;
}
