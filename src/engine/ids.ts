import { getRandomValues } from "node:crypto";
import { V7Generator } from "uuidv7";

/** Makes ids. Time-ordered, so that indexes grow at one end. */
export type Ids = (prefix: IdPrefix) => string;

export type IdPrefix = "th" | "msg" | "run" | "step" | "op" | "sig";

// Crockford's alphabet in lower case: no letter that looks like a digit.
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ids such as `msg_06f3k…`: a UUIDv7 in base 32, 26 digits, ordered as they were made by this process. */
export function timeOrderedIds(): Ids {
  const generator = new V7Generator(bufferedRandom());
  return (prefix) => `${prefix}_${base32(generator.generate().bytes)}`;
}

/** Asks the system for 4 KiB at a time: asking costs more than the bytes. */
function bufferedRandom(): { nextUint32(): number } {
  const buffer = new Uint32Array(1_024);
  let used = buffer.length;
  return {
    nextUint32: () => {
      if (used === buffer.length) {
        getRandomValues(buffer);
        used = 0;
      }
      return buffer[used++] ?? 0;
    },
  };
}

function base32(bytes: Readonly<Uint8Array>): string {
  let text = "";
  // 128 bits are 25 digits of 5 bits and one of 3: the first digit takes the odd three.
  let bits = 2;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += DIGITS[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return text;
}
