import { lookup } from "node:dns";
import { BlockList, isIP, isIPv4 } from "node:net";
import type { LookupFunction } from "node:net";

/** Where webhooks may go: to addresses of the internet only; to this machine, too; or anywhere. */
export type WebhookNetwork = "public" | "loopback" | "any";

// RFC 6890 and its registries: what is not, or need not be, an address of the internet.
const RESERVED: readonly (readonly [net: string, prefix: number, family: "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.88.99.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 4, "ipv4"],
  ["240.0.0.0", 4, "ipv4"],
];
// Of IPv6 only what is assigned as global unicast, without those parts that wrap other addresses.
const GLOBAL: readonly [string, number, "ipv6"] = ["2000::", 3, "ipv6"];
const WRAPPED: typeof RESERVED = [
  ["2001::", 23, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["3fff::", 20, "ipv6"],
];

const reserved = listOf([...RESERVED, ...WRAPPED]);
const global = listOf([GLOBAL]);
const mapped = listOf([["::ffff:0:0", 96, "ipv6"]]);

export function isAllowedAddress(address: string, network: WebhookNetwork): boolean {
  if (network === "any") return true;
  const plain = unmapped(address);
  if (network === "loopback" && (plain === "::1" || (isIPv4(plain) && plain.startsWith("127."))))
    return true;
  if (isIPv4(plain)) return !reserved.check(plain, "ipv4");
  return isIP(plain) === 6 && global.check(plain, "ipv6") && !reserved.check(plain, "ipv6");
}

/** Looks a name up and refuses it when any of its addresses is not allowed: what was checked is what is connected to. */
export function lookupIn(network: WebhookNetwork): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return callback(error ?? refusal(hostname), []);
      if (!addresses.every(({ address }) => isAllowedAddress(address, network)))
        return callback(refusal(hostname), []);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

export function refusal(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} is not an address that webhooks may go to.`), {
    code: "ADDRESS_REFUSED",
  });
}

// An IPv4 address as IPv6 reaches the same machine: `::ffff:7f00:1` is 127.0.0.1.
function unmapped(address: string): string {
  if (isIP(address) !== 6 || !mapped.check(address, "ipv6")) return address;
  const tail = address.slice(address.lastIndexOf("ffff:") + "ffff:".length);
  if (isIPv4(tail)) return tail;
  const [high = "0", low = "0"] = tail.split(":");
  const number = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

function listOf(nets: typeof RESERVED): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of nets) list.addSubnet(net, prefix, family);
  return list;
}
