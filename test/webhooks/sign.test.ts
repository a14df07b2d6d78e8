import { expect, test } from "vitest";
import { keyOf, newSecret } from "../../src/webhooks/secret.ts";
import { signatureHeaders } from "../../src/webhooks/sign.ts";
import { retryDelay, RETRY_DELAYS_MS } from "../../src/webhooks/retry-delay.ts";
import { verifyWebhook } from "../../src/webhooks/verify-webhook.ts";

const NOW = 1_614_265_330_000;
// The example of the Standard Webhooks specification's reference libraries.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"test": 2432232314}';
const HEADERS = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

test("signatures are those of Standard Webhooks", () => {
  expect(signatureHeaders(HEADERS["webhook-id"], NOW / 1_000, BODY, [SECRET])).toEqual(HEADERS);
  expect(verifyWebhook(BODY, HEADERS, SECRET, { now: NOW })).toEqual({ test: 2_432_232_314 });
  const others = {
    ...HEADERS,
    "webhook-signature": `v2,x v1,${"A".repeat(43)}= ${HEADERS["webhook-signature"]}`,
  };
  expect(verifyWebhook(BODY, new Headers(others), [newSecret(), SECRET], { now: NOW })).toEqual({
    test: 2_432_232_314,
  });
});

test.each([
  ["another body", "{}", HEADERS, SECRET, NOW],
  ["another secret", BODY, HEADERS, newSecret(), NOW],
  ["another id", BODY, { ...HEADERS, "webhook-id": "msg_other" }, SECRET, NOW],
  ["another time", BODY, { ...HEADERS, "webhook-timestamp": "1614265331" }, SECRET, NOW],
  ["no signature", BODY, { ...HEADERS, "webhook-signature": undefined }, SECRET, NOW],
  ["a broken time", BODY, { ...HEADERS, "webhook-timestamp": "soon" }, SECRET, NOW],
  ["a replay after five minutes", BODY, HEADERS, SECRET, NOW + 300_001],
  ["a clock that is five minutes late", BODY, HEADERS, SECRET, NOW - 300_001],
])("a webhook with %s is refused", (_what, body, headers, secret, now) => {
  expect(() => verifyWebhook(body, headers, secret, { now })).toThrow(
    expect.objectContaining({ code: "invalid_signature" }),
  );
});

test("a secret that is none is refused without being shown", () => {
  for (const secret of ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, but long"])
    expect(() => keyOf(secret)).toThrow(/^A secret is whsec_ and the base64 of 24 to 64 bytes.$/);
  expect(keyOf(newSecret())).toHaveLength(32);
});

test("eight tries take about a day, a fifth more by chance, and longer when the endpoint asks for it", () => {
  const waits = RETRY_DELAYS_MS.map((_, index) =>
    retryDelay(RETRY_DELAYS_MS, index + 1, 0, () => 0),
  );
  expect(waits).toHaveLength(7);
  const hours = waits.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(25);
  expect(retryDelay(RETRY_DELAYS_MS, 8)).toBeUndefined();
  expect(retryDelay([1_000], 1, 0, () => 1)).toBe(1_200);
  expect(retryDelay([1_000], 1, 90_000, () => 1)).toBe(90_000);
  expect(retryDelay([1_000], 1, 10 ** 12)).toBe(86_400_000);
});
