import { isIPv4 } from "node:net";

/** True for names and addresses that only this machine can reach: `localhost`, `127.x.x.x`, `::1`. */
export function isLoopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}
