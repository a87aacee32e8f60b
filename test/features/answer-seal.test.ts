/** First answers are kept so that only whoever knows the key can read them. */
import { expect, test } from "bun:test";
import { openAnswer, sealAnswer } from "../../src/features/idempotency-keys/answer-seal";

const SECRET = "agent-1\nPOST /api/v2/api-keys\nkey-of-the-client";
const BODY = '{"success":true,"data":{"secret":"ck_ñ😀"}}';

test("a sealed answer says nothing, and opens with its own key", () => {
  const sealed = sealAnswer(BODY, SECRET);
  expect(Buffer.from(sealed, "base64").toString("latin1")).not.toContain("ck_");
  expect(openAnswer(sealed, SECRET)).toBe(BODY);
  expect(sealAnswer(BODY, SECRET)).not.toBe(sealed);
});

test("it does not open with another key, nor when it was changed", () => {
  const sealed = sealAnswer(BODY, SECRET);
  expect(() => openAnswer(sealed, `${SECRET}x`)).toThrow();
  const bytes = Buffer.from(sealed, "base64");
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  expect(() => openAnswer(bytes.toString("base64"), SECRET)).toThrow();
});
