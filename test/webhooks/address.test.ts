import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { isAllowedAddress, lookupIn } from "../../src/webhooks/address.ts";
import { post } from "../../src/webhooks/post.ts";
import { startReceiver } from "./receiver.ts";
import { startSending } from "./fixture.ts";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "fc00::1",
  "fe80::1",
  "ff02::1",
  "not an address",
])("%s is no address of the internet", (address) => {
  expect(isAllowedAddress(address, "public")).toBe(false);
});

test.each(["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])(
  "%s is an address of the internet",
  (address) => {
    expect(isAllowedAddress(address, "public")).toBe(true);
  },
);

test("this machine is let through where it is allowed, and other private addresses are not", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
    expect(isAllowedAddress(address, "loopback")).toBe(true);
  expect(isAllowedAddress("10.0.0.1", "loopback")).toBe(false);
  expect(isAllowedAddress("10.0.0.1", "any")).toBe(true);
});

test("a name is refused by what it resolves to", async () => {
  const error = await new Promise<Error | null>((resolve) =>
    lookupIn("public")("localhost", { all: true }, resolve),
  );
  expect(error).toMatchObject({ code: "ADDRESS_REFUSED" });
});

test("private addresses are refused when they are given, however they are written, and when they are connected to", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending({ network: "public" });
  for (const url of [
    receiver.url,
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::ffff:7f00:1]/",
    "ftp://example.org/",
    "https://user:pass@example.org/",
    "nonsense",
  ])
    await expect(sending.webhooks.add({ url })).rejects.toMatchObject({
      code: "invalid_request",
      field: "url",
    });
  const named = receiver.url.replace("127.0.0.1", "localhost");
  await sending.webhooks.add({ id: "w", url: named });
  expect(await sending.webhooks.test("w")).toMatchObject({
    isOk: false,
    status: null,
    message: "localhost is not an address that webhooks may go to.",
  });
  expect(await post(receiver.url, {}, "{}", { network: "public" })).toMatchObject({ isOk: false });
  expect(receiver.received).toEqual([]);
});

test("a redirect is not followed", async () => {
  await using target = await startReceiver();
  await using receiver = await startReceiver((_one, response) => {
    response.writeHead(307, { location: target.url });
    return 307;
  });
  const posted = await post(receiver.url, {}, "{}", { network: "loopback" });
  expect(posted).toMatchObject({ isOk: false, status: 307 });
  expect(target.received).toEqual([]);
});

test("an endless answer is not read to its end, and one that never comes is not waited for", async () => {
  let sentBytes = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/silent") return;
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed) {
        sentBytes += 65_536;
        if (!response.write(Buffer.alloc(65_536))) break;
      }
    };
    response.on("drain", more);
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = { network: "loopback", timeoutMs: 200 } as const;
  const endless = await post(`http://127.0.0.1:${port}/endless`, {}, "{}", {
    network: "loopback",
    timeoutMs: 5_000,
  });
  expect(endless).toMatchObject({ isOk: true, status: 200 });
  expect(sentBytes).toBeLessThan(16_777_216);
  expect(await post(`http://127.0.0.1:${port}/silent`, {}, "{}", options)).toMatchObject({
    isOk: false,
    status: null,
    message: "The endpoint did not answer within 200 ms.",
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await post(`http://127.0.0.1:${port}/`, {}, "{}", options)).toMatchObject({
    message: "The endpoint cannot be reached (ECONNREFUSED).",
  });
});
