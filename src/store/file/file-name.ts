import { createHash } from "node:crypto";

/** Leaves room for an ending within the 255 bytes that file systems allow. */
const MAX_CHARACTERS = 150;

/** Names that Windows keeps for devices, whatever ending follows. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/u;

/**
 * The name of the file or folder of an id. Different ids have different names, also where the file system takes
 * upper and lower case for the same; no name is empty, hidden, `.`, `..` or a device. Lower-case letters, digits, `-`
 * and `_` stay readable; a long id is cut and told apart by its SHA-256.
 */
export function fileNameOf(id: string): string {
  const escaped = id === "" ? "%" : escapeAll(id, /[^a-z0-9_-]/gu);
  if (escaped.length > MAX_CHARACTERS) return `${escaped.slice(0, 60)}~${digestOf(id)}`;
  return DEVICE.test(escaped) ? escapeAll(escaped.charAt(0), /./gu) + escaped.slice(1) : escaped;
}

// By UTF-16 unit, so that half of a surrogate pair is told apart from another half.
function escapeAll(text: string, pattern: RegExp): string {
  return text.replace(pattern, (found) =>
    Array.from({ length: found.length }, (_none, index) => {
      const unit = found.charCodeAt(index);
      return unit < 0x80
        ? `%${unit.toString(16).padStart(2, "0")}`
        : `%u${unit.toString(16).padStart(4, "0")}`;
    }).join(""),
  );
}

function digestOf(id: string): string {
  return createHash("sha256").update(id, "utf16le").digest("hex");
}
