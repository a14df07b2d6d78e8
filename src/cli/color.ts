import type { WriteStream } from "node:tty";

/** Whether to colour what goes to `stream`: the flag, then FORCE_COLOR, NO_COLOR, TERM=dumb, then whether it is a terminal. */
export function wantsColor(
  flag: boolean | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  stream: Pick<WriteStream, "isTTY">,
): boolean {
  if (flag !== undefined) return flag;
  const force = environment["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  if (environment["TERM"] === "dumb") return false;
  return stream.isTTY === true;
}

export interface Paint {
  readonly bold: (value: string) => string;
  readonly dim: (value: string) => string;
  readonly accent: (value: string) => string;
  readonly good: (value: string) => string;
  readonly bad: (value: string) => string;
}

const ESCAPE = String.fromCharCode(27);

export function paint(isOn: boolean): Paint {
  const style = (open: number, close: number) => (value: string) =>
    isOn && value !== "" ? `${ESCAPE}[${open}m${value}${ESCAPE}[${close}m` : value;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    accent: style(36, 39),
    good: style(32, 39),
    bad: style(31, 39),
  };
}
