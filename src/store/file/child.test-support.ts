import { create, headOf, itemOf, keyOf, makeWrite } from "../conformance/fixture.ts";
import { redact, say } from "../conformance/message-fixture.ts";
import { fileStore } from "./file-store.ts";

/** What another process does with the store of a test. */
const [role = "", path = ""] = process.argv.slice(2);
const store = fileStore({ path });

const roles: Readonly<Record<string, () => Promise<void>>> = {
  /** Has the store open until it is killed. */
  hold: async () => {
    await store.open();
    console.log("open");
    setInterval(() => undefined, 1_000);
  },
  /** Appends to one thread and to two together, in turns, and prints a number after each acknowledgement. */
  append: async () => {
    const heads = await Promise.all(
      ["a", "b"].map(async (id) => {
        const [known = null] = await store.loadHeads([keyOf(id)]);
        if (known !== null) return known;
        await store.commit([[itemOf(makeWrite(keyOf(id), null, [create(id)]))]]);
        return headOf(store, id);
      }),
    );
    for (let round = (heads[1]?.activity.messagesTotal ?? 0) / 2; ; round++) {
      const writes = heads.map((head) =>
        makeWrite(keyOf(head.profile.id), head, [
          say(`${head.profile.id}${round}`, `round ${round} ${"x".repeat(round % 3_000)}`),
          say(`${head.profile.id}${round}+`, "and more"),
        ]),
      );
      const [result] = await store.commit([[itemOf(...writes)]]);
      if (result?.[0] !== "committed") throw new Error(`Round ${round} was ${result?.[0]}.`);
      for (const [at, { after }] of writes.entries()) heads[at] = after;
      console.log(String(round));
    }
  },
  /** Says something in a new thread and redacts it, over and over, and prints a number after each redaction. */
  erase: async () => {
    for (let round = 0; ; round++) {
      const key = keyOf(`t${round}`);
      const said = makeWrite(key, null, [create(key.id), say(`m${round}`, `secret-${round}-`)]);
      const redacted = makeWrite(key, said.after, [redact(`m${round}`)]);
      await store.commit([[itemOf(said)]]);
      await store.commit([[itemOf(redacted)]]);
      console.log(String(round));
    }
  },
  /** Appends large messages until no file may grow any more, prints how many were acknowledged and the error; then what
   *  becomes of a small one. */
  fill: async () => {
    await store.commit([[itemOf(makeWrite(keyOf("t"), null, [create("t")]))]]);
    let head = await headOf(store, "t");
    let count = 0;
    for (;;) {
      const write = makeWrite(keyOf("t"), head, [say(`m${count}`, "x".repeat(200_000))]);
      try {
        await store.commit([[itemOf(write)]]);
      } catch (error) {
        console.log(String(count));
        console.log(JSON.stringify(errorOf(error)));
        break;
      }
      head = write.after;
      count += 1;
    }
    const small = makeWrite(keyOf("t"), head, [say("small", "x")]);
    const [result] = await store.commit([[itemOf(small)]]);
    console.log(`small: ${result?.[0]}`);
    setInterval(() => undefined, 1_000);
  },
};

function errorOf(error: unknown): object {
  if (!(error instanceof Error)) return {};
  return { message: error.message, code: "code" in error ? error.code : undefined };
}

await roles[role]?.();
