import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { grouped } from "./group.ts";
import { DIGEST, INSERT_ENTRY, UPDATE_HEAD, openRaw, rawIds } from "./raw-schema.ts";
import { makeRawThreads } from "./raw-threads.ts";
import type { RawHead } from "./raw-threads.ts";

const [path = "", threads = "64"] = process.argv.slice(2);

interface Post {
  readonly head: RawHead;
  readonly id: string;
  readonly text: string;
  readonly at: number;
}

/** The reference for durable posts: `node:http` without a framework, and a group commit of the rows that the product
 *  writes for a message. No routing, no schema, no access. */
const database = openRaw(path);
const heads = makeRawThreads(database, Number(threads));
const nextId = rawIds();
const insertEntry = database.prepare(INSERT_ENTRY);
const updateHead = database.prepare(UPDATE_HEAD);
const begin = database.prepare("BEGIN IMMEDIATE");
const commit = database.prepare("COMMIT");

const append = grouped((batch: readonly Post[]) => {
  begin.run();
  for (const post of batch) write(post);
  commit.run();
});

function write({ head, id, text, at }: Post): void {
  const { tid, version, position } = head;
  head.version = version + 1;
  head.position = position + 1;
  const hot = JSON.stringify({
    messagesTotal: head.position,
    lastMessage: { id, role: "user", text: text.slice(0, 100), at },
    main: { position: head.position, messageId: id, count: head.position, turnId: id },
  });
  const payload = JSON.stringify({
    parts: [{ type: "text", text }],
    author: { kind: "user", id: "local" },
  });
  updateHead.run(head.version, at, hot, tid, version);
  insertEntry.run(
    tid,
    head.version,
    20,
    at,
    0,
    head.position,
    2,
    id,
    null,
    null,
    "user:local",
    DIGEST,
    payload,
  );
}

const server = createServer((incoming, outgoing) => {
  void answer(incoming).then((body) => {
    outgoing.writeHead(201, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    outgoing.end(body);
  });
});

async function answer(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { message: text }: { readonly message: string } = JSON.parse(
    Buffer.concat(chunks).toString(),
  );
  const head = heads[Number(/bench-(\d+)/u.exec(incoming.url ?? "")?.[1])];
  if (head === undefined) throw new Error(`There is no thread at ${incoming.url}.`);
  const id = nextId();
  const at = Date.now();
  await append({ head, id, text, at });
  const parts = [{ type: "text", text }];
  return JSON.stringify({
    message: { id, role: "user", version: head.version, created_at: new Date(at), parts },
    run: null,
  });
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null)
    console.log(`http://127.0.0.1:${address.port}`);
});
process.on("SIGTERM", () => process.exit(0));
