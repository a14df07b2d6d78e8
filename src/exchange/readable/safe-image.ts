const MAGIC: readonly (readonly [type: string, offset: number, bytes: string])[] = [
  ["image/png", 0, "\u0089PNG\r\n\u001a\n"],
  ["image/jpeg", 0, "\u00ff\u00d8\u00ff"],
  ["image/gif", 0, "GIF87a"],
  ["image/gif", 0, "GIF89a"],
  ["image/webp", 8, "WEBP"],
];

/** The type that the bytes themselves say, if it is one of pictures that can carry no script. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  return MAGIC.find(([, offset, magic]) => head.startsWith(magic, offset))?.[0];
}
