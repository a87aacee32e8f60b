/** The webhook of the whole product: what is stored, what is not, and what Meta hears. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { signBody } from "../../src/channels/whatsapp/signature";
import { webhookOf } from "../helpers/api-client";
import { APP_SECRET, createTestApp, NUMBER, type TestApp, VERIFY_TOKEN } from "../helpers/test-app";

setDefaultTimeout(20_000);

let app: TestApp;
beforeAll(async () => {
  // The assistant stays out: what is stored is all that matters here.
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

const send = (body: string, headers: Record<string, string> = { "x-hub-signature-256": signBody(APP_SECRET, body) }) =>
  fetch(`${app.url}/api/v2/webhook`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

const text = (id: string, more: object = {}) => {
  const body = webhookOf(NUMBER, [{ from: "51987650200", id, text: "hola" }]) as { entry: object[] };
  return JSON.stringify({ ...body, ...more });
};

const REFUSED = text("wamid.refused");

test.each([
  ["no signature", {}],
  ["an empty signature", { "x-hub-signature-256": "" }],
  ["a wrong signature", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }],
  ["a signature of another secret", { "x-hub-signature-256": signBody("another secret", REFUSED) }],
  ["a signature of another body", { "x-hub-signature-256": signBody(APP_SECRET, `${REFUSED} `) }],
  ["a signature without its name", { "x-hub-signature-256": signBody(APP_SECRET, REFUSED).slice("sha256=".length) }],
  ["the older SHA-1 header only", { "x-hub-signature": signBody(APP_SECRET, REFUSED) }],
])("%s: 401 in our envelope", async (_, headers) => {
  const answer = await send(REFUSED, headers);
  expect(answer.status).toBe(401);
  expect(await answer.json()).toEqual({
    success: false,
    code: "webhook.bad-signature",
    error: "The webhook signature is missing or wrong.",
    requestId: answer.headers.get("x-request-id") ?? "",
  });
});

test("malformed JSON without a valid signature: 401 like everything else", async () => {
  expect((await send("{nonsense", {})).status).toBe(401);
});

const JUNK: [name: string, body: string, reason: string][] = [
  ["malformed JSON", '{"object": "whats', "the body is not JSON"],
  ["an empty object", "{}", "the body has no entry"],
  ["an empty entry", '{"object":"whatsapp_business_account","entry":[]}', "the entry is empty"],
  ["another object type", '{"object":"page","entry":[{"id":"1","changes":[]}]}', "the object is not whatsapp_business_account"],
];
test.each(JUNK)("%s, well signed: 200", async (_, body) => {
  const answer = await send(body);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("OK");
});

test("unknown fields on every level do not keep a message out", async () => {
  expect((await send(text("wamid.future", { novelty: { deep: [1] }, version: 99 }))).status).toBe(200);
});

test("a body over 3 MB: 413, with a signature or without", async () => {
  const big = text("wamid.big", { padding: "x".repeat(3 * 1024 * 1024) });
  expect((await send(big)).status).toBe(413);
  expect((await send(big, {})).status).toBe(413);
  const huge = text("wamid.huge", { padding: "x".repeat(5 * 1024 * 1024) });
  expect((await send(huge)).status).toBe(413);
});

test("the verification echoes the challenge, and a wrong token is refused", async () => {
  const verify = (token: string) =>
    fetch(`${app.url}/api/v2/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`);
  const answer = await verify(VERIFY_TOKEN);
  expect([answer.status, await answer.text()]).toEqual([200, "1158201444"]);
  const refused = await verify("guess");
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ success: false, code: "webhook.bad-verify-token" });
});

// The last test of this file: it looks at everything the tests above have left behind.
test("afterwards exactly what was well signed is stored, junk as ignored with its reason, and one contact exists", async () => {
  expect(await app.api.data<unknown[]>("/contacts")).toHaveLength(1);
  await using rooms = await app.openStored();
  const rows = await rooms.models.inboundEvents.find({}).lean();
  const ignored = rows.filter(({ state }) => state === "ignored").map(({ reason }) => String(reason));
  expect(ignored.sort()).toEqual(JUNK.map(([, , reason]) => reason).sort());
  const taken = rows.filter(({ state }) => state !== "ignored");
  expect(taken.map(({ state, channel }) => [state, channel])).toEqual([["done", NUMBER]]);
  expect(JSON.stringify(rows)).not.toContain("wamid.refused");
  expect(JSON.stringify(rows)).not.toContain("wamid.big");
});
