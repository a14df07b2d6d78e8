import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

/** The reference for events: `node:http`, every event framed once and written to every subscriber. Nothing is stored. */
const subscribers = new Set<ServerResponse>();
let version = 0;

const server = createServer((incoming, outgoing) => {
  if (incoming.method === "GET") subscribe(outgoing);
  else void publish(incoming, outgoing);
});

function subscribe(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  outgoing.write(`event: ready\nid: ${version}\ndata: {}\n\n`);
  subscribers.add(outgoing);
  outgoing.on("close", () => subscribers.delete(outgoing));
}

async function publish(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { message: text }: { readonly message: string } = JSON.parse(
    Buffer.concat(chunks).toString(),
  );
  version += 1;
  const message = { id: `msg_${version}`, role: "user", parts: [{ type: "text", text }] };
  const data = JSON.stringify({ version, op: "message.append", at: Date.now(), data: { message } });
  const frame = Buffer.from(`id: ${version}\nevent: entry\ndata: ${data}\n\n`);
  for (const subscriber of subscribers) subscriber.write(frame);
  const body = JSON.stringify({ message });
  outgoing.writeHead(201, { "content-length": Buffer.byteLength(body) });
  outgoing.end(body);
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null)
    console.log(`http://127.0.0.1:${address.port}`);
});
process.on("SIGTERM", () => process.exit(0));
