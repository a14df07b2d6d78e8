import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { KeeperAnswer, KeeperCall } from "./keeper-call.ts";
import { KEEPER_VARIABLE, startKeeper } from "./start-keeper.ts";

/** Asks the keeper of this run; a script that runs by itself gets its own. Waits as long as the keeper does. */
export async function askKeeper(call: KeeperCall): Promise<unknown> {
  if (process.env[KEEPER_VARIABLE] === undefined) await (started ??= startKeeper());
  const answer: KeeperAnswer = JSON.parse(
    await post(process.env[KEEPER_VARIABLE] ?? "", JSON.stringify(call)),
  );
  if ("error" in answer) throw new Error(answer.error);
  return answer.ok;
}

let started: Promise<unknown> | undefined;

// `fetch` gives up after five minutes; installing a package may take longer.
function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST" }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
