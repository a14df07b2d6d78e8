/** `value` without control characters other than newline and tab: text of other people must not steer the terminal. */
export function printable(value: string): string {
  // oxlint-disable-next-line no-control-regex
  return value.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** `value` on one line, at most `characters` long. */
export function oneLine(value: string, characters: number): string {
  const line = printable(value).replaceAll(/\s+/g, " ").trim();
  if (line.length <= characters) return line;
  const cut = line.slice(0, characters - 1);
  // Half of a surrogate pair is dropped.
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
