import { expect, test } from "bun:test";
import { createSignatureCheck, signBody } from "../../../src/channels/whatsapp/signature";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The vectors of the reference, secret `test_app_secret`: the same JSON in two spellings has two signatures. */
const vectors = [
  ['{"object":"whatsapp_business_account","entry":[]}', "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"],
  ['{"object": "whatsapp_business_account", "entry": []}', "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a"],
] as const;

test.each(vectors)("the published vector of %s", (body, digest) => {
  expect(signBody("test_app_secret", body)).toBe(`sha256=${digest}`);
  const isValid = createSignatureCheck(() => ["test_app_secret"]);
  expect(isValid(bytes(body), `sha256=${digest}`)).toBe(true);
  expect(isValid(bytes(body), `sha256=${digest.toUpperCase()}`)).toBe(true);
});

test("any secret in use counts, also one that was added later", () => {
  const secrets = ["first"];
  const isValid = createSignatureCheck(() => secrets);
  const body = bytes('{"a":1}');
  const signed = signBody("second", body);
  expect(isValid(body, signed)).toBe(false);
  secrets.push("second");
  expect(isValid(body, signed)).toBe(true);
  expect(isValid(body, signBody("first", body))).toBe(true);
  secrets.pop();
  expect(isValid(body, signed)).toBe(false);
});

test("the check is over bytes: an escaped and a plain spelling differ, invalid UTF-8 is no obstacle", () => {
  const isValid = createSignatureCheck(() => ["s"]);
  const escaped = bytes('{"text":"\\u00e4\\/"}');
  expect(isValid(escaped, signBody("s", escaped))).toBe(true);
  expect(isValid(bytes('{"text":"ä/"}'), signBody("s", escaped))).toBe(false);
  const junk = new Uint8Array([0xff, 0x00, 0xc3]);
  expect(isValid(junk, signBody("s", junk))).toBe(true);
});

const digest = vectors[0][1];
test.each([
  ["absent", null],
  ["empty", ""],
  ["another algorithm", `sha1=${digest}`],
  ["no prefix", digest],
  ["too short", `sha256=${digest.slice(1)}`],
  ["too long", `sha256=${digest}0`],
  ["not hex", `sha256=${"g".repeat(64)}`],
  ["upper-case prefix", `SHA256=${digest}`],
  ["blank behind", `sha256=${digest} `],
  ["one bit off", `sha256=e${digest.slice(1)}`],
])("refused: %s", (_, header) => {
  expect(createSignatureCheck(() => ["test_app_secret"])(bytes(vectors[0][0]), header)).toBe(false);
});

test("without a secret nothing is valid, not even a signature with the empty key", () => {
  const body = bytes("{}");
  expect(createSignatureCheck(() => [])(body, signBody("x", body))).toBe(false);
  expect(createSignatureCheck(() => [""])(body, `sha256=${"0".repeat(64)}`)).toBe(false);
});
