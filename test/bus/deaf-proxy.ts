import { startForwarder } from "../support/forwarder.ts";
import type { Forwarder } from "../support/forwarder.ts";

const NOTIFICATION = "A".charCodeAt(0);
const HEADER_BYTES = 5;

/** Stands before PostgreSQL as a pooler does: everything goes through but notifications. */
export function startDeafProxy(target: string): Promise<Forwarder> {
  return startForwarder(target, () => ({ onAnswer: withoutNotifications() }));
}

function withoutNotifications(): (bytes: Buffer) => Buffer {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const passed: Buffer[] = [];
    while (rest.length >= HEADER_BYTES) {
      const length = 1 + rest.readInt32BE(1);
      if (rest.length < length) break;
      if (rest[0] !== NOTIFICATION) passed.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return Buffer.concat(passed);
  };
}
